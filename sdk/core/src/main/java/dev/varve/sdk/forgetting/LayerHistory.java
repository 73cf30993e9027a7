package dev.varve.sdk.forgetting;

import dev.varve.store.LayerShape;
import dev.varve.store.kernel.StoredRows;

/** The rows of one layer, gathered: those of one KV head follow each other without a gap. */
public interface LayerHistory {

  /** The layer. */
  LayerShape shape();

  /** Rows of {@code kvHead}. */
  int rows(int kvHead);

  /** Position of a row in the sequence; ascending. */
  int position(int kvHead, int row);

  /** How many tokens a row stands for in the softmax; 1 unless it was merged. */
  float weight(int kvHead, int row);

  /** Keys {@code [rows][keyDim]} in the stored element type; the view is used again. */
  StoredRows keys(int kvHead);

  /**
   * Values {@code [rows][valueDim]}: the fronts of the keys where values are a prefix of these; the
   * view is used again.
   */
  StoredRows values(int kvHead);
}
