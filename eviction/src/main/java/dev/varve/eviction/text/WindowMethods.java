package dev.varve.eviction.text;

import static dev.varve.eviction.text.Method.method;

import dev.varve.eviction.LowPrecision;
import dev.varve.eviction.budget.AdaptiveHeads;
import dev.varve.eviction.budget.MassAllocator;
import dev.varve.eviction.budget.PyramidLayers;
import dev.varve.eviction.score.GemFilterScorer;
import dev.varve.eviction.score.Pooling;
import dev.varve.eviction.score.Reduction;
import dev.varve.eviction.score.SnapKvScorer;
import dev.varve.eviction.score.SpecKvScorer;
import dev.varve.eviction.score.TovaScorer;
import dev.varve.eviction.score.ZipVlScorer;
import dev.varve.eviction.select.Protection;
import java.util.List;

/** Methods in which the newest queries vote. */
final class WindowMethods {
  private static final String SNAP = "budget window kernel pool group";

  private WindowMethods() {}

  static List<Method> all() {
    return List.of(
        method("snapkv", SNAP, WindowMethods::snapKv),
        method("pyramidkv", SNAP + " beta", WindowMethods::pyramidKv),
        method("adakv", SNAP + " floor", WindowMethods::adaKv),
        method("tova", "budget recent", WindowMethods::tova),
        method("speckv", "budget window kernel lookahead", WindowMethods::specKv),
        method("gemfilter", "budget layer kernel recent", WindowMethods::gemFilter),
        method("zipvl", "mass probes recent low", WindowMethods::zipVl));
  }

  private static void snapKv(Options options, PolicyDraft draft) {
    draft.budget(options);
    int window = options.integer("window", 32, 1);
    int kernel = options.integer("kernel", 7, 1);
    Pooling pool = options.word("pool", Pooling.class, Pooling.MAX);
    Reduction group = options.word("group", Reduction.class, Reduction.MEAN);
    draft.scorer(new SnapKvScorer(window, kernel, pool, group)).protect(Protection.of(0, window));
  }

  private static void pyramidKv(Options options, PolicyDraft draft) {
    snapKv(options, draft);
    draft.layers(new PyramidLayers(options.integer("beta", 20, 1)));
  }

  private static void adaKv(Options options, PolicyDraft draft) {
    snapKv(options, draft);
    draft.heads(new AdaptiveHeads(options.number("floor", 0.5, 0, 1)));
  }

  private static void tova(Options options, PolicyDraft draft) {
    draft
        .budget(options)
        .scorer(new TovaScorer())
        .protect(Protection.of(0, options.integer("recent", 1, 0)));
  }

  private static void specKv(Options options, PolicyDraft draft) {
    draft.budget(options);
    int window = options.integer("window", 32, 1);
    int kernel = options.integer("kernel", 7, 1);
    int lookahead = options.integer("lookahead", 0, 0);
    draft
        .scorer(new SpecKvScorer(window, lookahead, kernel))
        .protect(new Protection(0, window, lookahead));
  }

  private static void gemFilter(Options options, PolicyDraft draft) {
    draft.budget(options);
    String text = options.required("layer", "I, the layer whose last query decides");
    int layer = options.whole("layer", text, 0, 65535);
    draft
        .scorer(new GemFilterScorer(layer, options.integer("kernel", 5, 1)))
        .protect(Protection.of(0, options.integer("recent", 1, 0)));
  }

  private static void zipVl(Options options, PolicyDraft draft) {
    double mass = options.number("mass", 0.975, Double.MIN_VALUE, 1);
    int probes = options.integer("probes", 32, 1);
    int recent = options.integer("recent", 1, 0);
    draft
        .low(options.word("low", LowPrecision.class, LowPrecision.DROP))
        .allocator(new MassAllocator(mass))
        .scorer(new ZipVlScorer(probes))
        .protect(Protection.of(0, recent));
  }
}
