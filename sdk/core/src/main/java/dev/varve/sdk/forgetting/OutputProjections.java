package dev.varve.sdk.forgetting;

/**
 * The output projections of a model, by which a policy tells how much a value can move the output
 * of its layer (CriticalKV, Feng et al., 2025, arXiv 2502.03805). Safe for many threads.
 */
public interface OutputProjections {

  /** Rows of every projection. */
  int hidden();

  /** The projection of a layer, {@code [hidden][queryHeads * valueDim]}; borrowed. */
  float[] of(int layer);
}
