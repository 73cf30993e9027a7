package dev.varve.attention.index;

import dev.varve.store.Dtype;

/**
 * Quest (Tang et al., 2024): the smallest and the largest value of each channel in the page, {@code
 * [lower | upper]}. With the negative parts of the query beside the positive ones, {@code [min(q,
 * 0) | max(q, 0)]}, the dot product is {@code sum max(q lower, q upper)}, which no key of the page
 * exceeds. Kept as bf16, rounded outwards so that this stays true.
 */
final class BoundSummary implements PageSummary {
  private static final int KEPT_BITS = 0xffff0000;

  private final int dim;

  BoundSummary(int dim) {
    this.dim = dim;
  }

  @Override
  public int columns() {
    return 2 * dim;
  }

  @Override
  public Dtype dtype() {
    return Dtype.BF16;
  }

  @Override
  public void add(float[] row, int before, float[] key) {
    for (int i = 0; i < dim; i++) {
      row[i] = before == 0 ? key[i] : Math.min(row[i], key[i]);
      row[dim + i] = before == 0 ? key[i] : Math.max(row[dim + i], key[i]);
    }
  }

  @Override
  public void round(float[] row, int keys, float[] kept) {
    for (int i = 0; i < dim; i++) {
      kept[i] = -roundUp(-row[i]);
      kept[dim + i] = roundUp(row[dim + i]);
    }
  }

  /** The smallest bf16 that is not below {@code x}. */
  private static float roundUp(float x) {
    int bits = Float.floatToRawIntBits(x);
    boolean cut = (bits & ~KEPT_BITS) != 0;
    boolean grows = cut && bits > 0 && !Float.isNaN(x);
    return Float.intBitsToFloat((bits & KEPT_BITS) + (grows ? 1 << 16 : 0));
  }

  @Override
  public void query(float[] queries, int from, float[] vector, int to) {
    for (int i = 0; i < dim; i++) {
      vector[to + i] = Math.min(queries[from + i], 0f);
      vector[to + dim + i] = Math.max(queries[from + i], 0f);
    }
  }
}
