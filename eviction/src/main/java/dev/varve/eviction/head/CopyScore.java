package dev.varve.eviction.head;

/**
 * How much a head copies, on average over the tokens that repeat.
 *
 * @param induction attention to the tokens that followed earlier copies of a token
 * @param echo attention to the earlier copies themselves
 */
public record CopyScore(double induction, double echo) {

  /** The larger of each. */
  public CopyScore max(CopyScore other) {
    return new CopyScore(Math.max(induction, other.induction), Math.max(echo, other.echo));
  }
}
