package dev.varve.eviction.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.varve.eviction.Layers;
import dev.varve.eviction.PlainAttention;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.Workspace;
import dev.varve.store.LayerShape;
import dev.varve.store.kernel.Backend;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SnapKvScorerTest {

  /**
   * Keys 0, ln 2, ln 4, 0, 0 and queries of 1 at the last two positions: the first sees four tokens
   * with exponentials 1, 2, 4, 1 (sum 8), the second five with 1, 2, 4, 1, 1 (sum 9).
   */
  @Test
  void addsTheVotesOfTheWindowOverTheWholePrompt() {
    float ln2 = (float) Math.log(2);
    Observation layer = Layers.single(new float[] {0, ln2, 2 * ln2, 0, 0}, new float[5], 1f, 1f);

    float[] votes = score(new SnapKvScorer(2, 1, Pooling.MAX, Reduction.MEAN), layer)[0];

    assertThat(votes).hasSize(5);
    assertThat(votes[0]).isCloseTo(1f / 8 + 1f / 9, within(1e-6f));
    assertThat(votes[1]).isCloseTo(2f / 8 + 2f / 9, within(1e-6f));
    assertThat(votes[2]).isCloseTo(4f / 8 + 4f / 9, within(1e-6f));
    assertThat(votes[3]).isInfinite().isPositive();
    assertThat(votes[4]).isInfinite().isPositive();
  }

  @ParameterizedTest
  @EnumSource(Backend.class)
  void agreesWithPlainAttention(Backend backend) {
    long seed = Layers.seed("agreesWithPlainAttention");
    int tokens = 203;
    int window = 19;
    Observation layer = Layers.random(seed, 0, tokens, 40);
    PlainAttention plain = new PlainAttention(layer);

    float[][] votes =
        new SnapKvScorer(window, 1, Pooling.AVG, Reduction.SUM)
            .score(layer, new Workspace(backend))
            .heads();

    for (int head = 0; head < Layers.KV_HEADS; head++) {
      double[] expected = new double[tokens];
      for (int age = 0; age < window; age++) {
        for (int g = 0; g < 2; g++) {
          double[] row = plain.row(2 * head + g, age);
          for (int t = 0; t < tokens - window; t++) {
            expected[t] += row[t];
          }
        }
      }
      for (int t = 0; t < tokens - window; t++) {
        assertThat(votes[head][t]).isCloseTo((float) expected[t], within(2e-5f));
      }
    }
  }

  @Test
  void doesNotLetTheWindowSeeItsOwnFuture() {
    Observation layer = Layers.single(new float[] {0, 0, 50}, new float[3], 1f, 1f);

    float[] votes = score(new SnapKvScorer(2, 1, Pooling.MAX, Reduction.MEAN), layer)[0];

    // The query at position 1 sees two equal keys; the later key of 50 takes all of the other's.
    assertThat(votes[0]).isCloseTo(0.5f, within(1e-6f));
  }

  @Test
  void equalsMultiHeadAttentionWhenTheHeadsOfAGroupAreAlike() {
    long seed = Layers.seed("equalsMultiHeadAttention");
    SplittableRandom random = new SplittableRandom(seed);
    int tokens = 60;
    float[] keys = Layers.floats(random, 2 * tokens * 8);
    float[] values = Layers.floats(random, 2 * tokens * 8);
    float[] queries = Layers.floats(random, 2 * 10 * 8);
    float[] doubled = new float[2 * queries.length];
    for (int head = 0; head < 4; head++) {
      System.arraycopy(queries, head / 2 * 80, doubled, head * 80, 80);
    }
    LayerShape grouped = Layers.shape(4, 2, 8, 0.3f);
    LayerShape multi = Layers.shape(2, 2, 8, 0.3f);
    SnapKvScorer scorer = new SnapKvScorer(10, 5, Pooling.AVG, Reduction.MEAN);

    assertThat(score(scorer, Layers.of(0, grouped, tokens, keys, values, doubled)))
        .isDeepEqualTo(score(scorer, Layers.of(0, multi, tokens, keys, values, queries)));
  }

  @Test
  void refusesAnEvenKernel() {
    assertThatThrownBy(() -> new SnapKvScorer(8, 4, Pooling.MAX, Reduction.MEAN))
        .hasMessageContaining("kernel must be odd")
        .hasMessageEndingWith(": 4");
  }

  private static float[][] score(TokenScorer scorer, Observation layer) {
    return scorer.score(layer, new Workspace(Backend.SCALAR)).heads();
  }
}
