package dev.varve.eviction.text;

import static dev.varve.eviction.text.Method.method;

import dev.varve.eviction.score.ExpectedAttentionScorer;
import dev.varve.eviction.score.FrameChangeScorer;
import dev.varve.eviction.score.KeyDiffScorer;
import dev.varve.eviction.score.KeyNormScorer;
import dev.varve.eviction.score.LagKvScorer;
import dev.varve.eviction.select.Protection;
import dev.varve.eviction.select.ValueNormStage;
import java.util.List;

/** Methods that look at keys and values, and at statistics of queries at most. */
final class ContentMethods {
  private ContentMethods() {}

  static List<Method> all() {
    return List.of(
        method(
            "expected", "budget sinks future covariance vnorm epsilon", ContentMethods::expected),
        method("knorm", "budget", ContentMethods::keyNorm),
        method("keydiff", "budget", ContentMethods::keyDiff),
        method("lagkv", "budget sinks lag cross", ContentMethods::lagKv),
        method("infinipotv", "budget frame system tar recent", ContentMethods::infiniPot));
  }

  private static void expected(Options options, PolicyDraft draft) {
    draft.budget(options);
    int sinks = options.integer("sinks", 4, 0);
    ExpectedAttentionScorer scorer =
        new ExpectedAttentionScorer(
            sinks,
            options.integer("future", 512, 1, 1 << 20),
            options.flag("covariance", true),
            options.flag("vnorm", true),
            options.number("epsilon", 0, 0, 1));
    draft.scorer(scorer).protect(Protection.of(sinks, 0));
  }

  private static void keyNorm(Options options, PolicyDraft draft) {
    draft.budget(options).scorer(new KeyNormScorer());
  }

  private static void keyDiff(Options options, PolicyDraft draft) {
    draft.budget(options).scorer(new KeyDiffScorer());
  }

  private static void lagKv(Options options, PolicyDraft draft) {
    draft.budget(options);
    int sinks = options.integer("sinks", 4, 0);
    int lag = options.integer("lag", 128, 2);
    boolean cross = options.flag("cross", false);
    draft.scorer(new LagKvScorer(sinks, lag, cross)).protect(Protection.of(sinks, 0));
  }

  private static void infiniPot(Options options, PolicyDraft draft) {
    draft.budget(options);
    String tokens = options.required("frame", "T, the tokens of a frame");
    int frame = options.whole("frame", tokens, 1, Integer.MAX_VALUE);
    int system = options.integer("system", 0, 0);
    double tar = options.number("tar", 0.5, 0, 1);
    double recent = options.number("recent", 0.25, Double.MIN_VALUE, 1);
    draft
        .scorer(new FrameChangeScorer(system, frame, recent))
        .stage(new ValueNormStage(tar))
        .protect(Protection.of(system, 0));
  }
}
