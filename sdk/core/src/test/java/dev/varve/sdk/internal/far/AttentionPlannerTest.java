package dev.varve.sdk.internal.far;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.sdk.attention.AttentionCost;
import dev.varve.sdk.attention.AttentionCost.Reason;
import dev.varve.sdk.attention.AttentionWay;
import dev.varve.store.Encoding;
import dev.varve.store.Tier;
import java.util.List;
import org.junit.jupiter.api.Test;

class AttentionPlannerTest {

  private static final long BYTES = 1 << 20;

  private final AttentionPlanner planner = new AttentionPlanner();

  private AttentionCost decide(int queries) {
    return planner.decide(Tier.HOST, Encoding.RAW, BYTES, queries, false);
  }

  private AttentionCost run(int queries, long upNanos, long placeNanos) {
    AttentionCost cost = decide(queries);
    planner.took(cost, cost.way() == AttentionWay.IN_PLACE ? placeNanos : upNanos);
    return cost;
  }

  @Test
  void triesBothWaysOnceThenTakesTheCheaper() {
    assertThat(run(32, 900, 500).way()).isEqualTo(AttentionWay.BRING_UP);
    AttentionCost second = run(32, 900, 500);
    assertThat(second.way()).isEqualTo(AttentionWay.IN_PLACE);
    assertThat(second.reason()).isEqualTo(Reason.NOT_MEASURED_YET);
    AttentionCost third = run(32, 900, 500);
    assertThat(third.way()).isEqualTo(AttentionWay.IN_PLACE);
    assertThat(third.reason()).isEqualTo(Reason.CHEAPER);
    assertThat(third.bringUpSeconds()).hasValue(900e-9);
    assertThat(third.inPlaceSeconds()).hasValue(500e-9);
    assertThat(planner.broughtUp()).isEqualTo(1);
    assertThat(planner.inPlace()).isEqualTo(2);
  }

  @Test
  void looksAgainAtTheDearerWayNowAndThenAndFindsThatItBecameCheaper() {
    int changed = 0;
    for (int i = 0; i < 20 * AttentionPlanner.LOOK_AGAIN; i++) {
      AttentionCost cost = run(32, i < 200 ? 500 : 100, 300);
      changed += cost.reason() == Reason.MEASURED_LONG_AGO ? 1 : 0;
    }
    assertThat(changed).isPositive();
    assertThat(run(32, 100, 300).way()).isEqualTo(AttentionWay.BRING_UP);
  }

  @Test
  void leavesAWayAloneThatTakesManyTimesAsLong() {
    for (int i = 0; i < 10 * AttentionPlanner.LOOK_AGAIN; i++) {
      run(32, 100_000, 300);
    }
    assertThat(planner.broughtUp()).isEqualTo(1);
  }

  @Test
  void judgesTiersEncodingsAndNumbersOfQueriesApart() {
    for (int i = 0; i < 3; i++) {
      run(4, 100, 900);
      run(400, 900, 100);
    }
    assertThat(decide(4).way()).isEqualTo(AttentionWay.BRING_UP);
    assertThat(decide(5).way()).as("about as many").isEqualTo(AttentionWay.BRING_UP);
    assertThat(decide(400).way()).isEqualTo(AttentionWay.IN_PLACE);
    AttentionCost other = planner.decide(Tier.SSD, Encoding.RAW, BYTES, 4, false);
    assertThat(other.reason()).isEqualTo(Reason.NOT_MEASURED_YET);
    AttentionCost chosen = planner.decide(Tier.HOST, Encoding.RAW, BYTES, 4, true);
    assertThat(chosen.reason()).isEqualTo(Reason.NOT_MEASURED_YET);
  }

  @Test
  void scalesWhatItKnowsByTheSizeOfTheBlock() {
    run(8, 1000, 2000);
    run(8, 1000, 2000);
    AttentionCost half = planner.decide(Tier.HOST, Encoding.RAW, BYTES / 2, 8, false);
    assertThat(half.bringUpSeconds()).hasValue(500e-9);
  }

  @Test
  void explainsEveryDecisionWithItsNumbers() {
    run(32, 9_000, 5_000);
    run(32, 9_000, 5_000);
    run(32, 9_000, 5_000);
    List<AttentionCost> decisions = planner.decisions();
    assertThat(decisions).hasSize(1);
    assertThat(decisions.getFirst().explain())
        .isEqualTo(
            "block of HOST as raw, 1048576 bytes, 32 queries: in place because it takes less"
                + " (brought up 9.0 us, in place 5.0 us)");
    planner.decide(Tier.SSD, Encoding.RAW, 100, 1, true);
    assertThat(planner.decisions().getLast().explain())
        .isEqualTo(
            "rows of SSD as raw, 100 bytes of which some rows, 1 queries: brought up because it was"
                + " not measured yet (brought up unknown, in place unknown)");
  }
}
