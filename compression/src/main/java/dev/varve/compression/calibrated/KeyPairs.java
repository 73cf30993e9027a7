package dev.varve.compression.calibrated;

import dev.varve.store.RopeSpec;

/** Which channels of a key RoPE turns together. Immutable. */
final class KeyPairs {
  private final int[] partners;

  private KeyPairs(int[] partners) {
    this.partners = partners;
  }

  /** The pairs of rows of {@code dim} elements. */
  static KeyPairs of(RopeSpec rope, int dim) {
    if (rope.dims() > dim) {
      throw new IllegalArgumentException(
          "RoPE turns %d elements of a row, a row has %d".formatted(rope.dims(), dim));
    }
    int[] partners = new int[dim];
    int half = rope.dims() / 2;
    for (int j = 0; j < dim; j++) {
      if (j >= rope.dims()) {
        partners[j] = j;
      } else if (rope.pairing() == RopeSpec.Pairing.HALVES) {
        partners[j] = j < half ? j + half : j - half;
      } else {
        partners[j] = j ^ 1;
      }
    }
    return new KeyPairs(partners);
  }

  /** Elements of a row. */
  int dim() {
    return partners.length;
  }

  /** The element that turns with element {@code j}; itself if it turns with none. */
  int partner(int j) {
    return partners[j];
  }
}
