package dev.varve.eviction.online;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.varve.eviction.text.EvictionPolicies;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OnlineEvictionTest {

  /** Rows with such attention; {@code merged} ones stand for several. */
  private static HeadRowsView rows(Set<Integer> merged, float... attention) {
    return new HeadRowsView() {
      @Override
      public int rows() {
        return attention.length;
      }

      @Override
      public float attention(int row) {
        return attention[row];
      }

      @Override
      public boolean merged(int row) {
        return merged.contains(row);
      }

      @Override
      public float keyProduct(int row, int other) {
        return row;
      }
    };
  }

  @Test
  void theLeastAttendedRowGoesTheLaterOfEquals() {
    HeadRowsView head = rows(Set.of(), 3, 1, 1, 2, 0, 0);
    assertThat(new LeastAttended(0, 1).leaves(head)).isEqualTo(4);
    assertThat(new LeastAttended(0, 2).leaves(head)).isEqualTo(2);
    assertThat(new LeastAttended(2, 3).leaves(head)).isEqualTo(2);
    assertThat(new LeastAttended(0, 2).leaves(rows(Set.of(1, 2), 3, 1, 1, 2, 0, 0))).isEqualTo(3);
    assertThat(new LeastAttended(0, 9).leaves(head)).as("nothing is free").isZero();
    assertThat(new LeastAttended(0, 1).heir(head, 4)).isEqualTo(OnlineEviction.NONE);
  }

  @Test
  void aFixedPlaceFromTheEndGoes() {
    assertThat(new FixedPlace(25, 4).leaves(rows(Set.of(), new float[100]))).isEqualTo(75);
    assertThat(new FixedPlace(25, 4).leaves(rows(Set.of(), new float[20]))).isEqualTo(4);
    assertThat(new FixedPlace(25, 4).leaves(rows(Set.of(), new float[3]))).isEqualTo(2);
  }

  @Test
  void theOldestRowBehindTheSinksGoesIntoTheCompensationToken() {
    OldestRow rule = new OldestRow(4);
    assertThat(rule.leaves(rows(Set.of(), new float[9]))).isEqualTo(4);
    HeadRowsView compensated = rows(Set.of(4), new float[9]);
    assertThat(rule.leaves(compensated)).isEqualTo(5);
    assertThat(rule.heir(compensated, 5)).isEqualTo(4);
    assertThat(rule.weight(41)).isEqualTo(41);
  }

  @Test
  void theDenseSlotWithTheMostAlikeKeyTakesUpWhatGoes() {
    ResidualMerge rule = new ResidualMerge(0, 2, 0.6);
    HeadRowsView head = rows(Set.of(0, 3), 9, 5, 4, 9, 6, 0, 0, 0);
    // The last two rows are the tail, the one before has just left it.
    assertThat(rule.leaves(head)).isEqualTo(2);
    assertThat(rule.heir(head, 2)).isEqualTo(3);
    HeadRowsView bare = rows(Set.of(), 9, 5, 4, 9, 6, 0, 0, 0);
    assertThat(rule.heir(bare, 2)).isZero();
    assertThat(rule.heir(bare, 0)).isEqualTo(1);
    assertThat(rule.count(rule.weight(123))).isCloseTo(123, within(1e-3));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ResidualMerge(0, 2, 0))
        .withMessageContaining("an alpha above 0 and at most 1: 0.0");
  }

  @Test
  void policiesSayTheirRule() {
    assertThat(rule("h2o(budget=40,recent=8)+protect(sinks=3,recent=2)+online"))
        .isEqualTo(new LeastAttended(3, 8));
    assertThat(rule("elastic(budget=40)+online")).isEqualTo(new FixedPlace(25, 4));
    assertThat(rule("elastic(budget=99)+protect(recent=30)+online"))
        .isEqualTo(new FixedPlace(31, 4));
    assertThat(rule("streamingllm(budget=40,sinks=2)+online")).isEqualTo(new OldestRow(2));
    assertThat(rule("zeromerge(budget=40,tail=8,alpha=1)+online"))
        .isEqualTo(new ResidualMerge(0, 8, 1));
    assertThat(EvictionPolicies.parse("h2o(budget=40)").after().online()).isEmpty();
  }

  private static OnlineEviction rule(String text) {
    return EvictionPolicies.parse(text).after().online().orElseThrow();
  }
}
