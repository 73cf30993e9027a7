package dev.varve.sdk;

import java.util.List;

/** Steps of several sessions that the engine computes together. */
public final class KvBatch {

  private KvBatch() {}

  /**
   * Attends every step's queries over its own session. Rows belong to the steps in order: the first
   * {@code steps[0].tokens()} rows to the first step, and so on.
   *
   * @param queries {@code [sum of tokens][queryHeads][keyDim]}
   * @param out {@code [sum of tokens][queryHeads][valueDim]}, written
   */
  public static void attend(int layer, List<Step> steps, EngineTensor queries, EngineTensor out) {
    int rows = steps.stream().mapToInt(Step::tokens).sum();
    if (queries.tokens() != rows || out.tokens() != rows) {
      throw new IllegalArgumentException(
          "the steps have "
              + rows
              + " tokens, the queries "
              + queries.tokens()
              + " and the output "
              + out.tokens());
    }
    int from = 0;
    for (Step step : steps) {
      step.attend(layer, queries.rows(from, step.tokens()), out.rows(from, step.tokens()));
      from += step.tokens();
    }
  }
}
