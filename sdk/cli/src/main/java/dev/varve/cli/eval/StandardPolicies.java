package dev.varve.cli.eval;

import java.util.List;
import java.util.stream.Stream;

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

  private static final List<String> FEW_BITS = List.of("zipvl(low=int4)", "zipvl(low=int2)");
  private static final int GROUP = 32;

  private StandardPolicies() {}

  /**
   * All of them, without budgets.
   *
   * @param headDim elements of a key of the model: some encodings divide it into groups
   */
  public static List<PolicyChoice> all(int headDim) {
    return Stream.concat(TEXTS.stream(), headDim % GROUP == 0 ? FEW_BITS.stream() : Stream.of())
        .map(PolicyChoice::of)
        .toList();
  }
}
