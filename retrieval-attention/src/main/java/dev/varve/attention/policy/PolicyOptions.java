package dev.varve.attention.policy;

import dev.varve.attention.index.ExactKeyScores;
import dev.varve.attention.index.KeyScores;
import dev.varve.attention.index.LowBitKeyScores;
import dev.varve.attention.select.Window;
import dev.varve.store.LayerShape;
import dev.varve.store.kernel.Backend;
import dev.varve.store.text.CallOptions;
import dev.varve.store.text.TokenBudget;
import java.util.List;

/** Options that several policies share. */
final class PolicyOptions {
  static final int MOST = Integer.MAX_VALUE;

  private PolicyOptions() {}

  static Window window(CallOptions options, int init, int picks, int local) {
    int first = options.count("init", init, 0, MOST);
    TokenBudget budget = options.budget("k", TokenBudget.tokens(picks));
    return new Window(first, options.count("local", local, 0, MOST), budget);
  }

  static int dense(CallOptions options, int layers) {
    return options.count("dense", layers, 0, MOST);
  }

  /** What is scored: the keys themselves or a copy in few bits. */
  static String keys(CallOptions options, String fallback) {
    return options.choice("keys", fallback, List.of("exact", "int8", "int4"));
  }

  static KeyScores scores(String keys, LayerShape shape, Backend backend) {
    int heads = shape.kvHeads();
    int dim = shape.keyDim();
    return switch (keys) {
      case "int8" -> new LowBitKeyScores(heads, dim, 8, backend);
      case "int4" -> new LowBitKeyScores(heads, dim, 4, backend);
      default -> new ExactKeyScores(heads, dim, backend);
    };
  }
}
