package dev.varve.compression.bitstream;

import java.util.Arrays;

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
  private final float[] prediction;

  PredictedRows(int tokens, int channels) {
    this.channels = channels;
    this.decoded = new float[tokens * channels];
    this.prediction = new float[channels];
  }

  /** The rows that a decoder has, {@code [tokens][channels]}; not a copy. */
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
    float inverse = 1 / step;
    for (int token = 0; token < tokens; token++) {
      predict(token, references);
      boolean zero = quantizeRow(rows, token * channels, step, inverse, numbers);
      boolean copy = zero && (references.distance(token) == 0 || references.weight(token) == 1);
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

  private boolean quantizeRow(float[] rows, int at, float step, float inverse, int[] numbers) {
    int any = 0;
    for (int c = 0; c < channels; c++) {
      float steps = (rows[at + c] - prediction[c]) * inverse;
      int number = (int) (Math.abs(steps) + ROUNDING);
      number = steps < 0 ? -number : number;
      numbers[at + c] = number;
      decoded[at + c] = prediction[c] + number * step;
      any |= number;
    }
    return any == 0;
  }

  /** Sets the row of {@code token} to its prediction plus {@code step} times {@code numbers}. */
  void add(int token, References references, float[] numbers, float step) {
    predict(token, references);
    int at = token * channels;
    for (int c = 0; c < channels; c++) {
      decoded[at + c] = prediction[c] + numbers[c] * step;
    }
  }

  /** Sets the row of {@code token} to its prediction. */
  void copy(int token, References references) {
    predict(token, references);
    System.arraycopy(prediction, 0, decoded, token * channels, channels);
  }

  private void predict(int token, References references) {
    int distance = references.distance(token);
    int from = (token - distance) * channels;
    float weight = distance == 0 ? 0 : references.weight(token);
    if (weight == 0) {
      Arrays.fill(prediction, 0);
      return;
    }
    for (int c = 0; c < channels; c++) {
      prediction[c] = decoded[from + c] * weight;
    }
  }
}
