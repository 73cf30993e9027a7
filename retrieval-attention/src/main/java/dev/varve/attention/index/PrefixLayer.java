package dev.varve.attention.index;

/** One layer of a fixed prefix, from which an index is built before anybody asks. */
public final class PrefixLayer {
  private final KeySpan keys;
  private final float[] queries;
  private final int observed;

  /**
   * A layer.
   *
   * @param keys of the whole prefix
   * @param queries of its last tokens, {@code [observed][queryHeads][keyDim]}, positions already in
   * @param observed how many of the last tokens these are
   */
  public PrefixLayer(KeySpan keys, float[] queries, int observed) {
    this.keys = keys;
    this.queries = queries;
    this.observed = observed;
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
