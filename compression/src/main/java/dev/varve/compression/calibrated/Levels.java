package dev.varve.compression.calibrated;

/**
 * Levels between -1 and 1, ascending, that codes stand for; a number gets the code of the nearest.
 * Immutable.
 */
final class Levels {
  private final float[] levels;
  private final float[] boundaries;

  /**
   * @param levels owned
   * @throws IllegalArgumentException if they do not ascend from -1 to 1
   */
  Levels(float[] levels, String format) {
    this.levels = levels;
    this.boundaries = new float[levels.length - 1];
    for (int i = 0; i < levels.length; i++) {
      if (!(levels[i] >= (i == 0 ? -1f : levels[i - 1]) && levels[i] <= 1f)) {
        throw new IllegalArgumentException(
            "%s: level %d is %s: levels ascend from -1 to 1".formatted(format, i, levels[i]));
      }
    }
    for (int i = 0; i < boundaries.length; i++) {
      boundaries[i] = (levels[i] + levels[i + 1]) / 2;
    }
  }

  /** The code of the nearest level; of a number on a boundary the upper one. */
  int code(float number) {
    int code = 0;
    for (float boundary : boundaries) {
      code += number >= boundary ? 1 : 0;
    }
    return code;
  }

  /** The number that {@code code} stands for. */
  float level(int code) {
    return levels[code];
  }

  /** How far a number between -1 and 1 may lie from the nearest level. */
  double widest() {
    double widest = Math.max(levels[0] + 1.0, 1.0 - levels[levels.length - 1]);
    for (int i = 1; i < levels.length; i++) {
      widest = Math.max(widest, ((double) levels[i] - levels[i - 1]) / 2);
    }
    return widest;
  }
}
