package dev.varve.compression.bitstream;

import dev.varve.store.kernel.Backend;

/**
 * Rows as multiples of one step on top of what {@link References} predict: {@code z = weight *
 * earlier row + step * number}. Numbers are found against decoded rows, so that errors do not add
 * up (closed-loop prediction). For one thread at a time.
 */
final class PredictedRows {
  /** Numbers nearer to zero than 0.55 steps become zero: they are frequent and cheap. */
  private static final float ROUNDING = 0.45f;

  /** Largest distance of an element from what is decoded, in steps. */
  static final double LARGEST_ERROR = 1 - (double) ROUNDING;

  /** Rows that are copies are left out where they are at least one in so many. */
  private static final int ROWS_PER_COPY = 8;

  private final int channels;
  private final float[] decoded;
  private final int[] from;
  private final float[] weights;
  private final RowKernel kernel;
  private final NumberKernel numberKernel;

  PredictedRows(int tokens, int channels, Backend backend) {
    this.channels = channels;
    this.kernel = RowKernel.of(backend);
    this.numberKernel = NumberKernel.of(backend);
    this.from = new int[tokens];
    this.weights = new float[tokens];
    this.decoded = new float[(tokens + 1) * channels];
  }

  /** A row of zeros, then the rows that a decoder has, {@code [tokens][channels]}; not a copy. */
  float[] decoded() {
    return decoded;
  }

  /**
   * Finds the numbers of {@code rows} and says in {@code references} which rows are copies.
   *
   * @param numbers gets {@code [tokens][channels]}
   * @return rows that are no copies
   */
  int quantize(float[] rows, int tokens, float step, References references, int[] numbers) {
    int copies = 0;
    for (int token = 0; token < tokens; token++) {
      int at = token * channels;
      float weight = references.weight(token);
      int any =
          numberKernel.quantize(
              rows,
              at,
              channels,
              decoded,
              from(token, references),
              weight,
              step,
              ROUNDING,
              numbers);
      boolean copy = any == 0 && (references.distance(token) == 0 || references.weight(token) == 1);
      if (copy) {
        references.copy(token, true);
        copies++;
      }
    }
    if (copies * ROWS_PER_COPY < tokens) {
      for (int token = 0; token < tokens; token++) {
        if (references.isCopy(token)) {
          references.copy(token, false);
        }
      }
      return tokens;
    }
    return tokens - copies;
  }

  /**
   * Sets all rows to their prediction plus the next row of {@code numbers}, and copies to their
   * prediction alone.
   */
  void add(int tokens, References references, float[] numbers) {
    for (int token = 0; token < tokens; token++) {
      from[token] = from(token, references);
      weights[token] = references.weight(token);
    }
    int at = 0;
    for (int token = 0; token < tokens; ) {
      int first = token;
      while (token < tokens && !references.isCopy(token)) {
        token++;
      }
      kernel.add(numbers, at, decoded, from, weights, first, token - first, channels);
      at += (token - first) * channels;
      for (; token < tokens && references.isCopy(token); token++) {
        System.arraycopy(decoded, from[token], decoded, start(token), channels);
      }
    }
  }

  /** Where the row of {@code token} begins in {@link #decoded}. */
  int start(int token) {
    return (token + 1) * channels;
  }

  private int from(int token, References references) {
    int distance = references.distance(token);
    return distance == 0 ? 0 : start(token - distance);
  }
}
