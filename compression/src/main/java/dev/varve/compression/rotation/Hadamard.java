package dev.varve.compression.rotation;

import dev.varve.compression.SplitMix;

/**
 * A random rotation: fixed random signs, then the normalised Walsh-Hadamard transform (Ailon and
 * Chazelle, 2006). Spreads the energy of a row evenly over its elements and keeps its length.
 * Thread-safe.
 */
public final class Hadamard {
  private static final long SEED = 0x4ada_4a2d;

  private final int dim;
  private final float[] signs;
  private final float normal;

  /**
   * For rows of {@code dim} elements.
   *
   * @throws IllegalArgumentException unless {@code dim} is a power of two
   */
  public Hadamard(int dim) {
    if (Integer.bitCount(dim) != 1) {
      throw new IllegalArgumentException(
          "a Hadamard rotation needs rows of a power of two elements: " + dim);
    }
    this.dim = dim;
    this.signs = new float[dim];
    this.normal = (float) (1 / Math.sqrt(dim));
    SplitMix random = new SplitMix(SEED);
    for (int i = 0; i < dim; i++) {
      signs[i] = random.next() < 0 ? -1 : 1;
    }
  }

  /** Turns {@code row[at]} and up in place. */
  public void rotate(float[] row, int at) {
    for (int i = 0; i < dim; i++) {
      row[at + i] *= signs[i];
    }
    transform(row, at);
  }

  /** Turns back what {@link #rotate} turned. */
  public void rotateBack(float[] row, int at) {
    transform(row, at);
    for (int i = 0; i < dim; i++) {
      row[at + i] *= signs[i];
    }
  }

  private void transform(float[] row, int at) {
    for (int half = 1; half < dim; half *= 2) {
      for (int from = at; from < at + dim; from += 2 * half) {
        for (int i = from; i < from + half; i++) {
          float a = row[i];
          float b = row[i + half];
          row[i] = a + b;
          row[i + half] = a - b;
        }
      }
    }
    for (int i = at; i < at + dim; i++) {
      row[i] *= normal;
    }
  }
}
