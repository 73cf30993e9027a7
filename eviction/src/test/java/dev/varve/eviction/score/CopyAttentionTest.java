package dev.varve.eviction.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.varve.eviction.Layers;
import dev.varve.eviction.head.CopyScore;
import dev.varve.eviction.head.CopyingHeads;
import dev.varve.eviction.head.HeadMap;
import dev.varve.eviction.observe.AttentionRows;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.Workspace;
import dev.varve.store.kernel.Backend;
import java.util.List;
import org.junit.jupiter.api.Test;

class CopyAttentionTest {
  private static final int PERIOD = 5;
  private static final int TOKENS = 15;

  /** Four query heads of two KV heads: induction, local, echo, local. */
  @Test
  void ranksInductionAndEchoHeadsAndGivesLocalOnesNothing() {
    List<CopyScore> scores = measure(PERIOD - 1, 1, PERIOD, 0);

    assertThat(scores.get(0).induction()).isCloseTo(1, within(1e-6));
    assertThat(scores.get(0).echo()).isZero();
    assertThat(scores.get(1).echo()).isCloseTo(1, within(1e-6));
    assertThat(scores.get(1).induction()).isZero();
    assertThat(measure(1, 0, 2, 1))
        .allSatisfy(score -> assertThat(score).isEqualTo(new CopyScore(0, 0)));
  }

  @Test
  void countsEveryEarlierCopy() {
    List<CopyScore> scores = measure(2 * PERIOD - 1, 1, 2 * PERIOD, 0);

    // Only the last of the two repeating copies has one that is two periods back.
    assertThat(scores.get(0).induction()).isCloseTo(0.5, within(1e-6));
    assertThat(scores.get(1).echo()).isCloseTo(0.5, within(1e-6));
  }

  @Test
  void measuresRealQueriesAndKeysWithinTheirBounds() {
    Observation layer = Layers.random(Layers.seed("copyScores"), 0, 60);
    for (CopyScore score : CopyAttention.of(layer, 20, new Workspace(Backend.SCALAR))) {
      assertThat(score.induction()).isBetween(0.0, 1.0);
      assertThat(score.echo()).isBetween(0.0, 1.0);
    }
  }

  @Test
  void takesTheBestHeadsOfAllLayersTogether() {
    List<List<CopyScore>> layers =
        List.of(
            List.of(new CopyScore(0.1, 0.9), new CopyScore(0.2, 0.1)),
            List.of(new CopyScore(0.8, 0.2), new CopyScore(0.7, 0.3)),
            List.of(new CopyScore(0.2, 0.0), new CopyScore(0.2, 0.0)));

    HeadMap map = new CopyingHeads(0.5, 0.01).choose(layers);

    // Three by induction, the earliest of three ties among them; one by echo.
    assertThat(map.full()).containsExactly(List.of(0, 1), List.of(0, 1), List.of());
    assertThat(new CopyingHeads(0, 0).choose(layers).share()).isZero();
    assertThat(new CopyingHeads(1, 0).choose(layers).share()).isEqualTo(1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new CopyingHeads(1.1, 0))
        .withMessage("induction must lie between 0 and 1: 1.1");
  }

  @Test
  void refusesAPromptThatDoesNotRepeat() {
    Observation layer = Layers.random(1, 0, 30);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CopyAttention.of(layer, 16, new Workspace(Backend.SCALAR)))
        .withMessageStartingWith("a period of 16 does not come twice in 30 tokens");
  }

  /** Each query head looks back by a fixed distance alone, or at itself where that is too far. */
  private static List<CopyScore> measure(int... distances) {
    float[] rows = new float[distances.length * TOKENS * TOKENS];
    for (int head = 0; head < distances.length; head++) {
      for (int token = 0; token < TOKENS; token++) {
        int at = token >= distances[head] ? token - distances[head] : token;
        rows[(head * TOKENS + token) * TOKENS + at] = 1;
      }
    }
    Observation layer =
        Layers.random(1, 0, TOKENS).with(new AttentionRows(rows, distances.length, TOKENS, TOKENS));
    return CopyAttention.of(layer, PERIOD, new Workspace(Backend.SCALAR));
  }
}
