package dev.varve.eviction.online;

/**
 * The rows of one KV head in the middle of decoding, ascending by position; the newest is the one
 * that has just come. Valid during a call.
 */
public interface HeadRowsView {

  /** How many there are, at least one. */
  int rows();

  /** Attention that a row has received, summed over the query heads of the group. */
  float attention(int row);

  /** Whether a row stands for several tokens. */
  boolean merged(int row);

  /** The dot product of two keys. */
  float keyProduct(int row, int other);
}
