package dev.varve.eviction.text;

import static dev.varve.eviction.text.Method.method;

import dev.varve.eviction.score.Pooling;
import dev.varve.eviction.score.Reduction;
import dev.varve.eviction.score.SnapKvScorer;
import dev.varve.eviction.select.Protection;
import java.util.List;

/** Methods in which the newest queries vote. */
final class WindowMethods {
  private WindowMethods() {}

  static List<Method> all() {
    return List.of(method("snapkv", "budget window kernel pool group", WindowMethods::snapKv));
  }

  private static void snapKv(Options options, PolicyDraft draft) {
    draft.budget(options);
    int window = options.integer("window", 32, 1);
    int kernel = options.integer("kernel", 7, 1);
    Pooling pool = options.word("pool", Pooling.class, Pooling.MAX);
    Reduction group = options.word("group", Reduction.class, Reduction.MEAN);
    draft.scorer(new SnapKvScorer(window, kernel, pool, group)).protect(Protection.of(0, window));
  }
}
