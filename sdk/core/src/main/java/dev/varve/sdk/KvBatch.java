package dev.varve.sdk;

import dev.varve.sdk.internal.BatchAttention;
import java.util.ArrayList;
import java.util.List;

/**
 * Attention for steps of several sessions that the engine computes together. Sealed blocks that
 * their sessions have in common are read once for all of them, however the sessions branch; outputs
 * have the bits that {@link Step#attend} gives. Made by {@link KvCache#batch} and used again and
 * again; holds nothing that must be closed. For one thread at a time, which acts for all sessions
 * of the steps during a call.
 *
 * <p>Sessions that choose what they read, or that were opened with a policy that forgets, attend by
 * themselves within the batch. {@link CacheStats#attending} counts both.
 */
public final class KvBatch {

  private final KvCache cache;
  private final BatchAttention attention;
  private final List<Step> planned = new ArrayList<>();
  private int rows;

  KvBatch(KvCache cache, BatchAttention attention) {
    this.cache = cache;
    this.attention = attention;
  }

  /**
   * Attends every step's queries over its own session. Rows belong to the steps in order: the first
   * {@code steps[0].tokens()} rows to the first step, and so on. Call it for a layer after that
   * layer was appended in all steps.
   *
   * @param steps running steps of sessions of this cache, each once
   * @param queries {@code [sum of tokens][queryHeads][keyDim]}
   * @param out {@code [sum of tokens][queryHeads][valueDim]}, written
   * @throws IllegalArgumentException if the rows do not add up, or a step is there twice or of
   *     another cache
   */
  public void attend(int layer, List<Step> steps, EngineTensor queries, EngineTensor out) {
    if (!isPlanned(steps)) {
      plan(steps);
    }
    if (queries.tokens() != rows || out.tokens() != rows) {
      throw new IllegalArgumentException(
          "the steps have "
              + rows
              + " tokens, the queries "
              + queries.tokens()
              + " and the output "
              + out.tokens());
    }
    for (int i = 0; i < steps.size(); i++) {
      steps.get(i).checkAttends(layer);
    }
    attention.attend(layer, queries, out);
  }

  /** Blocks are sealed between steps only, so what was planned for these steps still holds. */
  private boolean isPlanned(List<Step> steps) {
    if (steps.size() != planned.size() || steps.isEmpty()) {
      return false;
    }
    for (int i = 0; i < steps.size(); i++) {
      if (steps.get(i) != planned.get(i)) {
        return false;
      }
    }
    return true;
  }

  private void plan(List<Step> steps) {
    planned.clear();
    attention.clear();
    rows = 0;
    if (steps.isEmpty()) {
      throw new IllegalArgumentException("a batch needs at least one step");
    }
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      step.checkIn(cache);
      if (steps.indexOf(step) < i) {
        throw new IllegalArgumentException(
            "steps %d and %d are the same: a step attends once".formatted(steps.indexOf(step), i));
      }
      attention.add(step.state(), rows, step.tokens());
      rows = Math.addExact(rows, step.tokens());
    }
    attention.plan();
    planned.addAll(steps);
  }
}
