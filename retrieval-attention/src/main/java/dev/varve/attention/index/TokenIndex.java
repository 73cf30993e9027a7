package dev.varve.attention.index;

import java.util.BitSet;

/**
 * A summary of the keys of one layer that says which tokens to read for a step's queries. Grows by
 * appending; positions are row numbers of what was appended. Belongs to one session and one layer,
 * for one thread at a time.
 */
public interface TokenIndex {

  /** Whether one choice serves all KV heads; else each KV head has its own. */
  boolean shared();

  /** Tokens that can be looked up; those appended after them are not summarised yet. */
  int tokens();

  /** Tokens that were appended: the next key to append is that of this position. */
  default int appended() {
    return tokens();
  }

  /**
   * Adds the keys of the tokens that follow the ones it has.
   *
   * @param keys of all KV heads
   * @param tokenIds ids of the tokens, or nothing where the engine does not tell them
   */
  void append(KeySpan keys, int[] tokenIds);

  /**
   * Whether it reads the keys it was given whenever it is asked, so that their memory must stay as
   * it is; if not, it is done with them when {@link #append} returns.
   */
  default boolean borrowsKeys() {
    return false;
  }

  /**
   * Forgets all keys from position {@code tokens} on, and more where a summary cannot be cut there,
   * and whatever it remembers of earlier look-ups.
   *
   * @return {@link #appended} from now on, at most {@code tokens}
   */
  int truncate(int tokens);

  /**
   * Adds the tokens to read among {@code [from, to)} to {@code picks}: one set, or one for each KV
   * head.
   *
   * @param from first candidate
   * @param to end of the candidates, at most {@link #tokens()}
   * @param budget most tokens to pick, more than 0
   * @return bytes of the summary that were read
   */
  long lookup(StepQueries queries, int from, int to, int budget, BitSet[] picks);

  /**
   * What the summary promises of tokens that are not read: the natural logarithm of a number that
   * the sum of their {@code exp(logit)} does not exceed, for one query head of a step of one token.
   *
   * @param read tokens that are read
   * @param from first token that counts
   * @param to end of the tokens that count, at most {@link #tokens()}
   * @return negative infinity if all are read; NaN if this summary bounds nothing
   */
  default double logRestBound(StepQueries queries, int queryHead, BitSet read, int from, int to) {
    return Double.NaN;
  }

  /** Whether a look-up can leave anything out; if not, all candidates are read. */
  default boolean selects(int candidates, int budget) {
    return candidates > budget;
  }

  /**
   * Whether tokens that are not in the index are left out on purpose; if not, it is still behind
   * what was appended.
   */
  default boolean complete() {
    return false;
  }

  /** Bytes that the summary takes. */
  long bytes();
}
