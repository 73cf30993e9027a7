package dev.varve.cli.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class TallyTest {

  @Test
  void addsWhatPartsCounted() {
    Tally first = new Tally();
    first.tokens(2, 3.0, 2.0);
    first.outputs(1, 16);
    first.mass(3, 4);
    first.prompt(10, 40, 0.5);
    first.question(true, true);
    Tally second = new Tally();
    second.tokens(2, 5.0, 2.0);
    second.outputs(3, 48);
    second.mass(1, 4);
    second.prompt(30, 40, 1.5);
    second.question(false, true);
    first.add(second);

    EvalRow row = first.row(new Candidate("p", OptionalDouble.of(0.25), true));

    assertThat(row.budget()).isEqualTo(0.25);
    assertThat(first.row(new Candidate("p", OptionalDouble.empty(), true)).budget()).isEqualTo(0.5);
    assertThat(row.loss()).isEqualTo(2);
    assertThat(row.lossFull()).isEqualTo(1);
    assertThat(row.lossAdded()).isEqualTo(1);
    assertThat(row.needleRecall()).isEqualTo(0.5);
    assertThat(row.needleRecallFull()).isEqualTo(1);
    assertThat(row.attentionError()).isEqualTo(0.25, within(1e-12));
    assertThat(row.mass()).isEqualTo(0.5);
    assertThat(row.bytes()).isEqualTo(20);
    assertThat(row.memory()).isEqualTo(0.5);
    assertThat(row.seconds()).isEqualTo(1);
    assertThat(row.rowsAttended()).as("forgetting reads what it keeps").isEqualTo(0.5);
    assertThat(row.bytesScored()).isZero();
  }

  @Test
  void countsWhatIsReadOfWhatIsHeld() {
    Tally tally = new Tally();
    tally.prompt(40, 40, 1);
    tally.reads(4, 30, 200, 800);
    Tally other = new Tally();
    other.reads(4, 20, 200, 1600);
    tally.add(other);

    EvalRow row = tally.row(new Candidate("p", OptionalDouble.empty(), false));

    assertThat(row.rowsAttended()).isEqualTo(0.125);
    assertThat(row.budget()).isEqualTo(0.125);
    assertThat(row.bytesScored()).isEqualTo(300);
    assertThat(row.memory()).isEqualTo(1);
  }
}
