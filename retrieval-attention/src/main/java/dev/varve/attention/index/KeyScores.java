package dev.varve.attention.index;

import dev.varve.store.kernel.FloatRows;

/**
 * Dot products of queries with the keys of a layer, exact or from a low-bit copy. For one session
 * and one thread.
 */
public interface KeyScores {

  /** Tokens that can be scored. */
  int tokens();

  /** Adds the keys of the tokens that follow the ones it has. */
  void append(KeySpan keys);

  /** Whether the memory of the keys must stay as it is. */
  boolean borrowsKeys();

  /** Tokens that were added, those included that cannot be scored yet. */
  int appended();

  /**
   * Forgets the keys from {@code tokens} on, and more where they share parameters; returns {@link
   * #appended} from now on.
   */
  int truncate(int tokens);

  /**
   * Writes {@code dot(query v, key of token from + i)} to element {@code i} of row {@code v}.
   *
   * @param queries {@code [v][keyDim]}
   * @param out {@code [v][to - from]}
   * @return bytes read to know the keys
   */
  long score(int kvHead, FloatRows queries, int from, int to, FloatRows out);

  /**
   * Writes a copy of the keys.
   *
   * @throws UnsupportedOperationException if it {@link #borrowsKeys}
   */
  default void write(IndexOutput out) {
    throw new UnsupportedOperationException("the keys themselves are scored: there is no copy");
  }

  /**
   * Reads what {@link #write} of a copy of the same shape wrote, in place of what is here.
   *
   * @throws UnsupportedOperationException if it {@link #borrowsKeys}
   */
  default void restore(IndexInput in) {
    throw new UnsupportedOperationException("the keys themselves are scored: there is no copy");
  }

  /** Bytes that are held beside the keys themselves. */
  long bytes();
}
