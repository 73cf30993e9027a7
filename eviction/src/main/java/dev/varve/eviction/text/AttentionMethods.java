package dev.varve.eviction.text;

import static dev.varve.eviction.text.Method.method;

import dev.varve.eviction.budget.AdaptiveHeads;
import dev.varve.eviction.budget.GlobalLayers;
import dev.varve.eviction.budget.PrefixLayers;
import dev.varve.eviction.merge.DenseZoneMerger;
import dev.varve.eviction.merge.EmsMerger;
import dev.varve.eviction.merge.NearestPositionMerger;
import dev.varve.eviction.observe.Signal;
import dev.varve.eviction.online.FixedPlace;
import dev.varve.eviction.online.LeastAttended;
import dev.varve.eviction.online.OnlineEviction;
import dev.varve.eviction.online.ResidualMerge;
import dev.varve.eviction.score.AccumulatedAttentionScorer;
import dev.varve.eviction.score.DecayedAttentionScorer;
import dev.varve.eviction.score.EmsScorer;
import dev.varve.eviction.score.GivenScorer;
import dev.varve.eviction.score.LayerAttentionScorer;
import dev.varve.eviction.score.Reduction;
import dev.varve.eviction.select.Protection;
import java.util.List;

/** Methods that need the attention of every query, or of another run. */
final class AttentionMethods {
  /** Rows from the end to the one that goes while decoding, in both published codes. */
  private static final int DISTANCE = 25;

  private AttentionMethods() {}

  static List<Method> all() {
    return List.of(
        method("h2o", "budget recent normalized group", AttentionMethods::h2o),
        method("prefixkv", "budget sinks", AttentionMethods::prefixKv),
        method("ems", "budget window threshold keys group", AttentionMethods::ems),
        method("zeromerge", "budget tail dense alpha decay", AttentionMethods::zeroMerge),
        method("elastic", "budget sinks merge counted", AttentionMethods::elastic),
        method("kvzip", "budget sinks", AttentionMethods::kvZip),
        method("specpc", "budget window kernel", AttentionMethods::specPc));
  }

  private static void h2o(Options options, PolicyDraft draft) {
    draft.budget(options);
    int recent = options.integer("recent", 1, 0);
    boolean normalized = options.flag("normalized", false);
    Reduction group = options.word("group", Reduction.class, Reduction.MEAN);
    draft
        .scorer(new AccumulatedAttentionScorer(normalized, group))
        .protect(Protection.of(0, recent))
        .rule(kept -> new LeastAttended(kept.sinks(), Math.max(1, kept.recent())));
  }

  private static void prefixKv(Options options, PolicyDraft draft) {
    draft
        .budget(options)
        .scorer(new LayerAttentionScorer())
        .layers(new PrefixLayers())
        .protect(Protection.of(options.integer("sinks", 4, 0), 1))
        .rule(AttentionMethods::fixedPlace);
  }

  private static OnlineEviction fixedPlace(Protection kept) {
    return new FixedPlace(Math.max(DISTANCE, kept.recent() + 1), kept.sinks());
  }

  private static void ems(Options options, PolicyDraft draft) {
    draft.budget(options);
    int window = options.integer("window", 32, 1);
    double threshold = options.number("threshold", 0.8, -1, 2);
    boolean keys = options.flag("keys", false);
    Reduction group = options.word("group", Reduction.class, Reduction.MEAN);
    draft
        .scorer(new EmsScorer(window, group))
        .merger(new EmsMerger(threshold, window, keys))
        .protect(Protection.of(0, window));
  }

  private static void zeroMerge(Options options, PolicyDraft draft) {
    draft.budget(options);
    int tail = options.integer("tail", 16, 2);
    int dense = options.integer("dense", 1, 0);
    double alpha = options.number("alpha", 0.6, 0, 1);
    double decay = options.number("decay", 0.98, Double.MIN_VALUE, 1);
    draft.scorer(new DecayedAttentionScorer(decay)).protect(Protection.of(0, tail));
    if (dense == 0) {
      draft.rule(kept -> new LeastAttended(kept.sinks(), kept.recent()));
      return;
    }
    draft.merger(new DenseZoneMerger(dense, alpha));
    if (alpha > 0) {
      draft.rule(kept -> new ResidualMerge(kept.sinks(), kept.recent(), alpha));
    }
  }

  private static void elastic(Options options, PolicyDraft draft) {
    draft.budget(options).scorer(new LayerAttentionScorer());
    int sinks = options.integer("sinks", 4, 0);
    boolean merge = options.flag("merge", true);
    boolean counted = options.flag("counted", false);
    draft.protect(Protection.of(sinks, 1)).rule(AttentionMethods::fixedPlace);
    if (merge) {
      draft.merger(new NearestPositionMerger(counted));
    }
  }

  private static void kvZip(Options options, PolicyDraft draft) {
    draft
        .budget(options)
        .scorer(new GivenScorer(Signal.REPEAT_ATTENTION, Reduction.MAX, 1))
        .layers(new GlobalLayers())
        .heads(new AdaptiveHeads(0))
        .protect(Protection.of(options.integer("sinks", 4, 0), 0));
  }

  private static void specPc(Options options, PolicyDraft draft) {
    draft.budget(options);
    int window = options.integer("window", 64, 1);
    int kernel = options.integer("kernel", 33, 1);
    draft
        .scorer(new GivenScorer(Signal.DRAFT_SCORES, Reduction.MAX, kernel))
        .protect(Protection.of(0, window));
  }
}
