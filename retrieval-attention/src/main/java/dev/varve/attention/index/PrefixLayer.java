package dev.varve.attention.index;

/** One layer of a fixed prefix, from which an index is built before anybody asks. */
public final class PrefixLayer {
  private final KeySpan keys;
  private final float[] queries;
  private final int observed;
  private final int clustered;

  /**
   * A layer whose keys are clustered but for those of the observed tokens.
   *
   * @param keys of the whole prefix
   * @param queries of its last tokens, {@code [observed][queryHeads][keyDim]}, positions already in
   * @param observed how many of the last tokens these are
   */
  public PrefixLayer(KeySpan keys, float[] queries, int observed) {
    this(keys, queries, observed, keys.tokens() - observed);
  }

  private PrefixLayer(KeySpan keys, float[] queries, int observed, int clustered) {
    this.keys = keys;
    this.queries = queries;
    this.observed = observed;
    this.clustered = clustered;
  }

  /**
   * A layer all of whose {@code keys} are clustered, observed by the queries of tokens that come
   * somewhere behind them.
   */
  public static PrefixLayer behind(KeySpan keys, float[] queries, int observed) {
    return new PrefixLayer(keys, queries, observed, keys.tokens());
  }

  int clustered() {
    return clustered;
  }

  KeySpan keys() {
    return keys;
  }

  float[] queries() {
    return queries;
  }

  int observed() {
    return observed;
  }
}
