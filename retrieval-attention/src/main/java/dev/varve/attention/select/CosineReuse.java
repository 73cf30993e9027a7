package dev.varve.attention.select;

import dev.varve.attention.index.StepQueries;

/**
 * Looks up when the queries have turned away from those of the last look-up: the selection cache of
 * TokenSelect (Wu et al., 2025), with one cosine over all heads of the layer. A threshold above 1
 * never reuses, one of -1 or less always does.
 */
public final class CosineReuse implements Reuse {
  private final double threshold;
  private float[] lastLookedUp = {};

  /**
   * Reuses at a cosine of at least {@code threshold}.
   *
   * @throws IllegalArgumentException if it is NaN
   */
  public CosineReuse(double threshold) {
    if (Double.isNaN(threshold)) {
      throw new IllegalArgumentException("the threshold of a cosine must be a number: NaN");
    }
    this.threshold = threshold;
  }

  @Override
  public boolean serves(StepQueries queries) {
    return lastLookedUp.length > 0
        && (threshold <= -1 || queries.cosine(lastLookedUp) >= threshold);
  }

  @Override
  public void lookedUp(StepQueries queries) {
    if (lastLookedUp.length == 0) {
      lastLookedUp = queries.fingerprint();
    } else {
      queries.fingerprint(lastLookedUp);
    }
  }
}
