package dev.varve.cli.eval;

import java.util.List;

/**
 * Every eviction method without a head map, those included that need another pass or a draft, with
 * its published defaults cut down to prompts of a thousand tokens, and each merging method beside
 * its own way of only dropping.
 */
public final class StandardPolicies {
  private static final List<String> TEXTS =
      List.of(
          "snapkv",
          "snapkv(kernel=15)",
          "snapkv(kernel=15)+values",
          "snapkv(kernel=15)+nearest",
          "snapkv(kernel=15)+compensate",
          "pyramidkv(kernel=15)",
          "adakv(kernel=15)",
          "tova",
          "gemfilter(layer=2)",
          "speckv(kernel=15)",
          "speckv(kernel=15,lookahead=16)",
          "specpc(window=16)",
          "kvzip",
          "snapkv(kernel=15)+critical",
          "zipvl",
          "zipvl(low=int8)",
          "zipvl(low=int4)",
          "zipvl(low=int2)",
          "h2o(recent=16)",
          "h2o(recent=16)+online",
          "prefixkv",
          "prefixkv+online",
          "ems(window=16)",
          "ems(window=16,threshold=2)",
          "zeromerge",
          "zeromerge+online",
          "zeromerge(dense=0)",
          "elastic",
          "elastic+online",
          "elastic(merge=false)",
          "expected",
          "knorm",
          "keydiff",
          "lagkv(lag=32)",
          "infinipotv(frame=1)",
          "streamingllm",
          "streamingllm+online",
          "random");

  private StandardPolicies() {}

  /** All of them, without budgets. */
  public static List<PolicyChoice> all() {
    return TEXTS.stream().map(PolicyChoice::of).toList();
  }
}
