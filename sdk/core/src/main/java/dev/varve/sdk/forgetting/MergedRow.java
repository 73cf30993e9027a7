package dev.varve.sdk.forgetting;

import java.util.Objects;

/**
 * A row that stands for several. Attention reads it as if {@code weight} rows with its key and
 * value were there: its logit is raised by {@code ln weight}.
 *
 * @param first position of the first token it stands for
 * @param last position of the last one, by which it is ordered and seen
 * @param key {@code keyDim} floats
 * @param value {@code valueDim} floats; not read where values are a prefix of the keys
 * @param weight above 0
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody; borrowed until it is stored
public record MergedRow(int first, int last, float[] key, float[] value, float weight) {

  public MergedRow {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
    if (first < 0 || last < first) {
      throw new IllegalArgumentException(
          "a merged row stands for positions in order, got " + first + " to " + last);
    }
    if (!(weight > 0) || weight == Float.POSITIVE_INFINITY) {
      throw new IllegalArgumentException(
          "the weight of a merged row must be finite and above 0: " + weight);
    }
  }
}
