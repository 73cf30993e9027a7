package dev.varve.eviction.online;

/**
 * Which row of a KV head goes when a decoded token made one too many. An immutable value, safe for
 * many threads; what it looks at belongs to the session. Allocates nothing.
 */
public interface OnlineEviction {

  /** {@link #heir} of a row that is dropped. */
  int NONE = -1;

  /** The row that goes. */
  int leaves(HeadRowsView head);

  /** The row that takes it up, its weight included; {@link #NONE} to drop it. */
  default int heir(HeadRowsView head, int leaving) {
    return NONE;
  }

  /**
   * How often a row that stands for {@code count} tokens counts in the softmax. Grows with the
   * count, so that {@link #count} finds it again.
   */
  default float weight(double count) {
    return (float) count;
  }

  /** How many tokens a row of that weight stands for. */
  default double count(float weight) {
    return weight;
  }
}
