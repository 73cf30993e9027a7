package dev.varve.eviction.text;

import static dev.varve.eviction.text.Method.method;

import dev.varve.eviction.online.OldestRow;
import dev.varve.eviction.score.RandomScorer;
import dev.varve.eviction.score.RecencyScorer;
import dev.varve.eviction.select.Protection;
import java.util.List;

/** Methods that look at places only. */
final class PositionMethods {
  private PositionMethods() {}

  static List<Method> all() {
    return List.of(
        method("streamingllm", "budget sinks", PositionMethods::streaming),
        method("random", "budget seed", PositionMethods::random));
  }

  private static void streaming(Options options, PolicyDraft draft) {
    draft
        .budget(options)
        .scorer(new RecencyScorer())
        .protect(Protection.of(options.integer("sinks", 4, 0), 0))
        .rule(kept -> new OldestRow(kept.sinks()));
  }

  private static void random(Options options, PolicyDraft draft) {
    draft.budget(options).scorer(new RandomScorer(options.integer("seed", 0, 0)));
  }
}
