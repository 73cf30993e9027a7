package dev.varve.compression.rotation;

/**
 * The scalar quantizer of least squared error for standard normal numbers (Lloyd, 1957; Max, 1960).
 * Code {@code c} stands for level {@code c}, ascending; boundaries are the means of neighbours.
 */
public final class LloydMax {
  private static final float[] TWO_BITS = {0.4528f, 1.510f};
  private static final float[] THREE_BITS = {0.2451f, 0.7560f, 1.344f, 2.152f};
  private static final float[] FOUR_BITS = {
    0.1284f, 0.3881f, 0.6568f, 0.9424f, 1.256f, 1.618f, 2.069f, 2.733f
  };

  private final float[] levels;
  private final float[] boundaries;

  /** For 2, 3 or 4 bits. */
  public LloydMax(int bits) {
    float[] positive =
        switch (bits) {
          case 2 -> TWO_BITS;
          case 3 -> THREE_BITS;
          case 4 -> FOUR_BITS;
          default -> throw new IllegalArgumentException("bits must be 2, 3 or 4: " + bits);
        };
    int half = positive.length;
    this.levels = new float[2 * half];
    this.boundaries = new float[2 * half - 1];
    for (int i = 0; i < half; i++) {
      levels[half + i] = positive[i];
      levels[half - 1 - i] = -positive[i];
    }
    for (int i = 0; i < boundaries.length; i++) {
      boundaries[i] = (levels[i] + levels[i + 1]) / 2;
    }
  }

  /** The code of the nearest level; of a number on a boundary the upper one. */
  public int code(float number) {
    int code = 0;
    for (float boundary : boundaries) {
      code += number >= boundary ? 1 : 0;
    }
    return code;
  }

  /** The number that {@code code} stands for. */
  public float level(int code) {
    return levels[code];
  }
}
