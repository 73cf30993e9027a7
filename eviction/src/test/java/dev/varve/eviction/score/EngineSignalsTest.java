package dev.varve.eviction.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.varve.eviction.Layers;
import dev.varve.eviction.observe.DenseRows;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.QueryRows;
import dev.varve.eviction.observe.Workspace;
import dev.varve.store.kernel.Backend;
import org.junit.jupiter.api.Test;

class EngineSignalsTest {
  private static final float LN2 = (float) Math.log(2);
  private final Workspace workspace = new Workspace(Backend.SCALAR);

  /** Prompt keys 0, 0, ln 2, 0; one sink; chunks of tokens 0 and 1, then 2 and 3. */
  @Test
  void kvzipKeepsTheLargestAttentionOfTheRepetition() {
    DenseRows keys = DenseRows.of(new float[] {0, 0, LN2, 0}, 1, 4, 1);
    RepeatAttention repeat = new RepeatAttention(Layers.shape(1, 1, 1, 1f), keys, 1);

    // The repetition's keys are 0: the first query sees 1 + 1 + 1 tokens, the second one more.
    repeat.add(0, 2, queries(1, 1), DenseRows.of(new float[2], 1, 2, 1), workspace);
    assertThat(repeat.scores()[0])
        .containsExactly(new float[] {1 / 3f, 1 / 3f, 0, 0}, within(1e-6f));

    // Exponentials 1 (sink), 2, 1, 1 (repeated): sum 5; then one more: sum 6.
    repeat.add(2, 4, queries(1, 1), DenseRows.of(new float[2], 1, 2, 1), workspace);
    assertThat(repeat.scores()[0])
        .containsExactly(new float[] {1 / 3f, 1 / 3f, 2 / 5f, 1 / 5f}, within(1e-6f));
  }

  @Test
  void kvzipRefusesAChunkThatDoesNotFit() {
    DenseRows keys = DenseRows.of(new float[4], 1, 4, 1);
    RepeatAttention repeat = new RepeatAttention(Layers.shape(1, 1, 1, 1f), keys, 0);
    DenseRows two = DenseRows.of(new float[2], 1, 2, 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> repeat.add(3, 5, queries(1, 1), two, workspace))
        .withMessage("tokens 3 to 5 of 4, repeated by 2 queries and 2 keys, are no chunk");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> repeat.add(0, 2, queries(1), two, workspace))
        .withMessageContaining("repeated by 1 queries and 2 keys");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new RepeatAttention(Layers.shape(1, 1, 1, 1f), keys, 5))
        .withMessage("sinks must lie between 0 and the 4 tokens of the prompt: 5");
  }

  @Test
  void projectsValuesForEveryQueryHeadOfTheGroup() {
    // Values 1 and -2 of one KV head; two query heads with projections (1, 1) and (0, 3).
    Observation layer =
        Layers.of(0, Layers.shape(2, 1, 1, 1f), 2, new float[2], new float[] {1, -2}, new float[0]);

    float[][] norms = ProjectedNorms.of(layer, new float[] {1, 0, 1, 3}, 2, workspace);

    assertThat(norms[0]).containsExactly(new float[] {2.5f, 5f}, within(1e-6f));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ProjectedNorms.of(layer, new float[3], 2, workspace))
        .withMessage("an output projection of 2 rows has 4 numbers, given are 3");
  }

  private static QueryRows queries(float... values) {
    return new QueryRows(values, 1, values.length, 1, 4);
  }
}
