package dev.varve.eviction.observe;

/** What only an engine or another run can give, beyond keys, values and queries. */
public enum Signal {
  /** Per query head and token, the largest attention in a pass that repeats the context. */
  REPEAT_ATTENTION("the attention of a second pass that repeats the context"),
  /**
   * Per query head and token, the attention of every query so far, summed up while it was computed:
   * it does instead of the queries of all tokens.
   */
  ATTENTION_SUMS("sums of the attention of all queries"),
  /** Per token, scores from a draft model. */
  DRAFT_SCORES("scores from a draft model"),
  /** Per KV head and token, the 1-norm of the value after the output projection. */
  PROJECTED_NORMS("the norms of the values after the output projection");

  private final String words;

  Signal(String words) {
    this.words = words;
  }

  /** How a sentence names it. */
  public String words() {
    return words;
  }
}
