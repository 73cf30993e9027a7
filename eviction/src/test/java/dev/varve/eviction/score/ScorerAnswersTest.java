package dev.varve.eviction.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.varve.eviction.Layers;
import dev.varve.eviction.observe.AttentionRows;
import dev.varve.eviction.observe.DenseRows;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.Positions;
import dev.varve.eviction.observe.QueryRows;
import dev.varve.eviction.observe.Signal;
import dev.varve.eviction.observe.Workspace;
import dev.varve.store.kernel.Backend;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** An answer worked out by hand for every scorer. */
class ScorerAnswersTest {
  private static final float LN2 = (float) Math.log(2);

  /**
   * Keys 0, ln 2, 0 and queries of 1 at all three positions: attention 1; 1/3, 2/3; 1/4, 2/4, 1/4.
   */
  private static final Observation THREE =
      Layers.single(new float[] {0, LN2, 0}, new float[] {1, -2, 3}, 1f, 1f, 1f);

  @Test
  void h2oAddsTheAttentionOfAllQueries() {
    close(
        score(new AccumulatedAttentionScorer(false, Reduction.MEAN), THREE)[0],
        1 + 1 / 3f + 1 / 4f,
        2 / 3f + 2 / 4f,
        1 / 4f);
  }

  @Test
  void h2oDividesByTheQueriesThatSeeAToken() {
    close(
        score(new AccumulatedAttentionScorer(true, Reduction.MEAN), THREE)[0],
        (1 + 1 / 3f + 1 / 4f) / 3,
        (2 / 3f + 2 / 4f) / 2,
        1 / 4f);
    Observation level = Layers.single(new float[4], new float[4], 1f, 1f, 1f, 1f);
    float[] mean = score(new AccumulatedAttentionScorer(true, Reduction.MEAN), level)[0];
    close(
        mean,
        (1 + 1 / 2f + 1 / 3f + 1 / 4f) / 4,
        (1 / 2f + 1 / 3f + 1 / 4f) / 3,
        (1 / 3f + 1 / 4f) / 2,
        1 / 4f);
  }

  @Test
  void zeroMergeLetsOldQueriesFade() {
    close(
        score(new DecayedAttentionScorer(0.5), THREE)[0],
        0.25f + 0.5f / 3 + 1 / 4f,
        0.5f * 2 / 3 + 2 / 4f,
        1 / 4f);
  }

  @Test
  void tovaLooksAtTheLastQueryAlone() {
    close(score(new TovaScorer(), THREE)[0], 1 / 4f, 2 / 4f, 1 / 4f);
  }

  @Test
  void tovaGivesAllHeadsTheSame() {
    float[][] scores = score(new TovaScorer(), Layers.random(3, 0, 30));
    assertThat(scores[0]).isEqualTo(scores[1]);
  }

  @Test
  void zipVlRanksByAttentionPerProbeAndKeepsTheSums() {
    Scores scores = new ZipVlScorer(2).score(THREE, new Workspace(Backend.SCALAR));
    close(scores.mass().orElseThrow(), 1 / 3f + 1 / 4f, 2 / 3f + 2 / 4f, 1 / 4f);
    close(scores.heads()[0], (1 / 3f + 1 / 4f) / 2, (2 / 3f + 2 / 4f) / 2, 1 / 4f);
  }

  @Test
  void emsTakesTheLargerOfGlobalAndLocal() {
    float[] scores = score(new EmsScorer(1, Reduction.MEAN), THREE)[0];
    float g0 = (1 + 1 / 3f + 1 / 4f) / 3;
    float g1 = (2 / 3f + 2 / 4f) / 2;
    float mean = (g0 + g1 + 1 / 4f) / 3;
    close(
        scores,
        Math.max(g0 / mean, 0.75f),
        Math.max(g1 / mean, 1.5f),
        Math.max(0.25f / mean, 0.75f));
  }

  @Test
  void elasticCacheAveragesOverHeads() {
    Scores scores = new LayerAttentionScorer().score(THREE, new Workspace(Backend.SCALAR));
    close(scores.heads()[0], 1 + 1 / 3f + 1 / 4f, 2 / 3f + 2 / 4f, 1 / 4f);
    assertThat(scores.mass()).isPresent();
  }

  @Test
  void specKvTakesTheLargestVoteAndDropsTheDraft() {
    Observation five =
        Layers.single(new float[] {0, LN2, 0, 0, 0}, new float[5], 1f, 2f, 1f, 1f, 1f);
    // The window is position 3, the draft position 4; earlier ones do not vote.
    float[] scores = score(new SpecKvScorer(1, 1, 1), five)[0];
    close(new float[] {scores[0], scores[1], scores[2]}, 1 / 5f, 2 / 5f, 1 / 5f);
    assertThat(scores[3]).isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(scores[4]).isEqualTo(Float.NEGATIVE_INFINITY);
  }

  @Test
  void gemFilterAddsPlainDotProductsAndSmooths() {
    Observation layer =
        Layers.of(
            0,
            Layers.shape(2, 1, 1, 0.1f),
            3,
            new float[] {1, 2, 6},
            new float[3],
            new float[] {3, -1});
    close(score(new GemFilterScorer(0, 1), layer)[0], 2, 4, 12);
    close(score(new GemFilterScorer(0, 3), layer)[0], 2, 6, 16 / 3f);
    assertThat(new GemFilterScorer(2, 3).sourceLayer(7)).isEqualTo(2);
  }

  @Test
  void knormPrefersShortKeys() {
    Observation layer =
        Layers.of(
            0,
            Layers.shape(1, 1, 2, 1f),
            3,
            new float[] {3, 4, 0, 1, -5, 12},
            new float[6],
            new float[0]);
    close(score(new KeyNormScorer(), layer)[0], -5, -1, -13);
    close(score(new ValueNormScorer(), layer)[0], 0, 0, 0);
  }

  @Test
  void keyDiffPrefersKeysUnlikeTheAverage() {
    Observation layer =
        Layers.of(
            0,
            Layers.shape(1, 1, 2, 1f),
            3,
            new float[] {5, 0, 2, 0, 0, 7},
            new float[6],
            new float[0]);
    // Mean of the unit keys (1,0), (1,0), (0,1) is (2,1)/3, of length sqrt(5)/3.
    float root = (float) Math.sqrt(5);
    close(score(new KeyDiffScorer(), layer)[0], -2 / root, -2 / root, -1 / root);
  }

  @Test
  void lagKvScalesByTheNextLag() {
    float[] rows = {0, 0, 1, 3, 0, 0, 2, 2, 9, 9};
    Observation layer = Layers.of(0, Layers.shape(1, 1, 2, 1f), 5, rows, rows, new float[0]);
    // No sinks, lags of 2: tokens 0 and 1 in the scale of tokens 2 and 3, where both channels
    // range from 0 to 2: (0, 0) and (1/2, 3/2) deviate by 0 and sqrt(1/2).
    float[] scores = score(new LagKvScorer(0, 2, true), layer)[0];
    double e = Math.exp(Math.sqrt(0.5));
    assertThat(scores[0]).isCloseTo((float) (1 / (1 + e)), within(1e-5f));
    assertThat(scores[1]).isCloseTo((float) (e / (1 + e)), within(1e-5f));
    assertThat(scores[2]).isLessThan(scores[3]);
    assertThat(scores[2]).isGreaterThan(1f);
    close(score(new LagKvScorer(0, 2, false), layer)[0], 0, 0.5f, 2.4f, 2.6f, 2.8f);
  }

  @Test
  void infiniPotPrefersWhatHasChanged() {
    // One system token, three frames of two places: the first place never changes, the second does.
    float[] keys = {9, 9, 1, 0, 0, 1, 1, 0, 1, 0, 2, 0, 1, 0};
    Observation layer =
        Layers.of(0, Layers.shape(1, 1, 2, 1f), 7, keys, new float[14], new float[0]);
    float[] scores = score(new FrameChangeScorer(1, 2, 0.34), layer)[0];
    close(new float[] {scores[1], scores[2], scores[3], scores[4]}, -1, 0, -1, -1);
    assertThat(scores[5]).isGreaterThan(2f).isLessThan(scores[6]);
  }

  @Test
  void infiniPotKeepsFramesAlignedWhereTokensAreMissing() {
    // Frames of two places; the last is cut short, and counts as recent.
    float[] keys = {9, 9, 1, 0, 0, 1, 1, 0, 1, 0, 2, 0, 1, 0};
    Observation cut = Layers.of(0, Layers.shape(1, 1, 2, 1f), 7, keys, new float[14], new float[0]);
    float half = (float) -Math.sqrt(0.5);
    float[] scores = score(new FrameChangeScorer(0, 2, 0.5), cut)[0];
    close(Arrays.copyOf(scores, 4), half, -1, 0, -1);
    assertThat(scores[4]).isGreaterThan(2f).isLessThan(scores[6]);

    float[] left = {9, 9, 1, 0, 0, 1, 1, 0, 2, 0, 1, 0};
    Observation gaps =
        new Observation(
            0,
            Layers.shape(1, 1, 2, 1f),
            DenseRows.of(left, 1, 6, 2),
            DenseRows.of(left, 1, 6, 2),
            QueryRows.none(),
            Positions.of(0, 1, 2, 3, 5, 6),
            Optional.empty(),
            Map.of());
    // Only position 6 is recent, at the first place of its frame.
    close(Arrays.copyOf(score(new FrameChangeScorer(0, 2, 0.5), gaps)[0], 5), half, 0, 0, 0, 0);
  }

  @Test
  void expectedAttentionOfOneKnownQueryIsItsSoftmaxTimesValueLengths() {
    Observation layer = Layers.single(new float[] {0, LN2, 0}, new float[] {1, -2, 3}, 1f, 1f);
    close(
        score(new ExpectedAttentionScorer(0, 8, true, false, 0), layer)[0], 1 / 4f, 2 / 4f, 1 / 4f);
    close(score(new ExpectedAttentionScorer(0, 8, true, true, 0.5), layer)[0], 0.75f, 2f, 2.25f);
  }

  @Test
  void expectedAttentionAddsHalfTheVariance() {
    // Queries 0 and 2: mean 1, variance 1; keys 0 and 1: logits 0 and 1 + 1/2.
    Observation layer = Layers.single(new float[] {0, 1}, new float[] {1, 1}, 0f, 2f);
    double e = Math.exp(1.5);
    close(
        score(new ExpectedAttentionScorer(0, 8, true, false, 0), layer)[0],
        (float) (1 / (1 + e)),
        (float) (e / (1 + e)));
  }

  @Test
  void givenScoresAreReducedOverTheGroup() {
    Observation layer =
        Layers.random(1, 0, 2)
            .with(Signal.REPEAT_ATTENTION, new float[][] {{1, 2}, {3, 0}, {4, 4}, {0, 5}});
    float[][] scores = score(new GivenScorer(Signal.REPEAT_ATTENTION, Reduction.MAX, 1), layer);
    assertThat(scores).isDeepEqualTo(new float[][] {{3, 2}, {4, 5}});
  }

  @Test
  void streamingPrefersTheNewest() {
    close(score(new RecencyScorer(), THREE)[0], 0, 1, 2);
  }

  @Test
  void chanceRepeatsItselfForASeed() {
    Observation layer = Layers.random(1, 4, 50);
    float[][] scores = score(new RandomScorer(9), layer);
    assertThat(score(new RandomScorer(9), layer)).isDeepEqualTo(scores);
    assertThat(score(new RandomScorer(8), layer)[0]).isNotEqualTo(scores[0]);
    assertThat(scores[1]).isNotEqualTo(scores[0]);
  }

  @Test
  void attentionThatTheEngineGivesStandsForQueries() {
    Observation bare =
        Layers.single(new float[] {0, LN2, 0}, new float[3])
            .with(new AttentionRows(new float[] {0.1f, 0.9f, 0, 0.2f, 0.3f, 0.5f}, 1, 2, 3));
    close(score(new TovaScorer(), bare)[0], 0.2f, 0.3f, 0.5f);
    close(score(new ZipVlScorer(2), bare)[0], 0.15f, 0.6f, 0.5f);
  }

  @Test
  void refusesAttentionRowsOfTheWrongLengthOrSum() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new AttentionRows(new float[5], 1, 2, 3))
        .withMessage("2 attention rows of 3 tokens are 6 floats, given are 5");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new AttentionRows(new float[] {0.5f, 0.2f}, 1, 1, 2))
        .withMessageStartingWith(
            "an attention row must sum to 1, give or take 0.01: head 0, row 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new AttentionRows(new float[] {Float.NaN, 1f}, 1, 1, 2))
        .withMessage("attention weights must be 0 or more: head 0, row 0 holds NaN");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> THREE.with(new AttentionRows(new float[] {0.5f, 0.5f}, 1, 1, 2)))
        .withMessage("tokens of attention must be 3: 2");
  }

  private static float[][] score(TokenScorer scorer, Observation layer) {
    return scorer.score(layer, new Workspace(Backend.SCALAR)).heads();
  }

  private static void close(float[] actual, float... expected) {
    assertThat(actual).containsExactly(expected, within(2e-6f));
  }
}
