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
 * @param inPlaceOf the row of the history whose place it takes, and whose attention so far counts
 *     for it; {@link #NEW} if it is one more
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody; borrowed until it is stored
public record MergedRow(
    int first, int last, float[] key, float[] value, float weight, int inPlaceOf) {

  /** {@link #inPlaceOf} of a row that takes nobody's place. */
  public static final int NEW = -1;

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

  /** One more row. */
  public MergedRow(int first, int last, float[] key, float[] value, float weight) {
    this(first, last, key, value, weight, NEW);
  }
}
