package dev.varve.cli.pack;

/** Adds up how decoded numbers differ from the exact ones. For one thread. */
final class SectionError {
  private double errorSquares;
  private double squares;
  private double errors;
  private double most;
  private long count;
  private long different;

  /** Adds {@code length} numbers. */
  void add(float[] exact, float[] decoded, int length) {
    for (int i = 0; i < length; i++) {
      if (Float.floatToRawIntBits(exact[i]) == Float.floatToRawIntBits(decoded[i])) {
        if (Float.isFinite(exact[i])) {
          squares += (double) exact[i] * exact[i];
        }
        continue;
      }
      double error = Math.abs((double) decoded[i] - exact[i]);
      different++;
      errors += error;
      most = Math.max(most, error);
      errorSquares += error * error;
      squares += (double) exact[i] * exact[i];
    }
    count += length;
  }

  /** Adds numbers, all of both arrays. */
  void add(float[] exact, float[] decoded) {
    add(exact, decoded, exact.length);
  }

  void add(SectionError other) {
    errorSquares += other.errorSquares;
    squares += other.squares;
    errors += other.errors;
    most = Math.max(most, other.most);
    count += other.count;
    different += other.different;
  }

  /** Root of the squared error over the squares. */
  double relative() {
    return errorSquares == 0 ? 0 : Math.sqrt(errorSquares / squares);
  }

  /** Largest difference. */
  double most() {
    return most;
  }

  /** Mean of the differences. */
  double mean() {
    return count == 0 ? 0 : errors / count;
  }

  /** Numbers that differ in any bit. */
  long different() {
    return different;
  }
}
