package dev.varve.compression;

import java.util.Arrays;
import java.util.BitSet;

/**
 * Which tokens of a block deserve more bits. An immutable value.
 *
 * <p>{@link #covering} is the rule of ZipVL (He et al., 2024): the fewest tokens that together hold
 * a share of the attention.
 */
public final class TokenClasses {

  /** Every token is important. */
  public static final TokenClasses ALL_IMPORTANT = new TokenClasses(new BitSet(), true);

  private final BitSet important;
  private final boolean all;

  private TokenClasses(BitSet important, boolean all) {
    this.important = important;
    this.all = all;
  }

  /** The tokens of {@code important}, counted from the front of the block. */
  public static TokenClasses of(BitSet important) {
    return new TokenClasses((BitSet) important.clone(), false);
  }

  /**
   * The tokens of highest score that hold at least {@code share} of the mass of all, the earlier
   * one first where scores are equal.
   *
   * @param scores attention on each token over the number of queries that can see it; at least 0
   * @param share between 0 and 1; 1 makes all tokens important
   */
  public static TokenClasses covering(double[] scores, double share) {
    if (!(share >= 0 && share <= 1)) {
      throw new IllegalArgumentException("the share must lie between 0 and 1: " + share);
    }
    double total = 0;
    for (double score : scores) {
      if (!(score >= 0) || Double.isInfinite(score)) {
        throw new IllegalArgumentException("a score must be finite and not negative: " + score);
      }
      total += score;
    }
    if (share == 1) {
      return ALL_IMPORTANT;
    }
    Integer[] order = new Integer[scores.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, (a, b) -> Double.compare(scores[b], scores[a]));
    BitSet important = new BitSet();
    double held = 0;
    // A relative slack, or rounding of the sum would ask for one token more than equal scores need.
    for (int i = 0; i < order.length && held < share * total * (1 - 1e-12); i++) {
      important.set(order[i]);
      held += scores[order[i]];
    }
    return new TokenClasses(important, false);
  }

  /** Whether the token deserves more bits. */
  public boolean important(int token) {
    return all || important.get(token);
  }

  /** How many of the first {@code tokens} tokens deserve more bits. */
  public int count(int tokens) {
    return all ? tokens : important.get(0, tokens).cardinality();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TokenClasses that
        && all == that.all
        && important.equals(that.important);
  }

  @Override
  public int hashCode() {
    return important.hashCode() + (all ? 1 : 0);
  }

  @Override
  public String toString() {
    return all ? "all important" : "important: " + important;
  }
}
