package dev.varve.attention.index;

import dev.varve.store.Checks;

/** The largest score of the window around each token; windows are cut off at the ends. */
final class MaxPool {
  private final int window;
  private float[] pooled = {};

  /** Windows of {@code window} tokens, an odd number; 1 leaves scores as they are. */
  MaxPool(int window) {
    if (Checks.positive(window, "pool") % 2 == 0) {
      throw new IllegalArgumentException("pool must be odd: " + window);
    }
    this.window = window;
  }

  /** The pooled scores, valid until the next call; {@code scores} itself for a window of 1. */
  float[] apply(float[] scores, int count) {
    if (window == 1) {
      return scores;
    }
    if (pooled.length < count) {
      pooled = new float[count];
    }
    for (int i = 0; i < count; i++) {
      float largest = scores[i];
      int end = Math.min(count, i + window / 2 + 1);
      for (int j = Math.max(0, i - window / 2); j < end; j++) {
        largest = Math.max(largest, scores[j]);
      }
      pooled[i] = largest;
    }
    return pooled;
  }
}
