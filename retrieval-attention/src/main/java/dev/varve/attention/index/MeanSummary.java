package dev.varve.attention.index;

import dev.varve.store.Dtype;

/**
 * The mean key of the page, as the retrieval cache of TriForce (Sun et al., 2024) keeps it for
 * chunks and SentenceKV (Zhu et al., 2025) for sentences.
 */
final class MeanSummary implements PageSummary {
  private final int dim;

  MeanSummary(int dim) {
    this.dim = dim;
  }

  @Override
  public int columns() {
    return dim;
  }

  @Override
  public Dtype dtype() {
    return Dtype.F16;
  }

  @Override
  public void add(float[] row, int before, float[] key) {
    for (int i = 0; i < dim; i++) {
      row[i] = before == 0 ? key[i] : row[i] + key[i];
    }
  }

  @Override
  public void round(float[] row, int keys, float[] kept) {
    for (int i = 0; i < dim; i++) {
      kept[i] = row[i] / keys;
    }
  }

  @Override
  public void query(float[] queries, int from, float[] vector, int to) {
    System.arraycopy(queries, from, vector, to, dim);
  }
}
