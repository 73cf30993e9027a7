package dev.varve.eviction.text;

import static dev.varve.eviction.text.Method.wrapper;

import dev.varve.eviction.budget.AdaptiveHeads;
import dev.varve.eviction.budget.GlobalLayers;
import dev.varve.eviction.budget.PrefixLayers;
import dev.varve.eviction.budget.PyramidLayers;
import dev.varve.eviction.budget.WeightedLayers;
import dev.varve.eviction.merge.CompensationMerger;
import dev.varve.eviction.merge.NearestPositionMerger;
import dev.varve.eviction.merge.ValueMerger;
import dev.varve.eviction.select.CriticalStage;
import dev.varve.eviction.select.Protection;
import dev.varve.eviction.wrap.SeparateChunks;
import dev.varve.eviction.wrap.WholeChunks;
import java.util.Arrays;
import java.util.List;

/** What may follow a method. */
final class Wrappers {
  private Wrappers() {}

  static List<Method> all() {
    return List.of(
        wrapper("protect", "sinks recent", Wrappers::protect),
        wrapper("ada", "floor", Wrappers::ada),
        wrapper("pyramid", "beta", Wrappers::pyramid),
        wrapper("prefix", "", Wrappers::prefix),
        wrapper("global", "", Wrappers::global),
        wrapper("layers", "weights", Wrappers::layers),
        wrapper("critical", "share", Wrappers::critical),
        wrapper(
            "chunks",
            "size",
            (options, draft) ->
                draft.scorer(new SeparateChunks(draft.scorer(), options.integer("size", 1024, 1)))),
        wrapper(
            "whole",
            "size",
            (options, draft) ->
                draft.scorer(new WholeChunks(draft.scorer(), options.integer("size", 20, 1)))),
        wrapper(
            "values",
            "threshold",
            (options, draft) ->
                draft.merger(new ValueMerger(options.number("threshold", 0, -1, 1)))),
        wrapper(
            "nearest",
            "counted",
            (options, draft) ->
                draft.merger(new NearestPositionMerger(options.flag("counted", true)))),
        wrapper(
            "compensate",
            "weighted",
            (options, draft) ->
                draft.merger(new CompensationMerger(options.flag("weighted", true)))),
        wrapper("online", "", (options, draft) -> draft.online()),
        wrapper("rerotate", "", (options, draft) -> draft.renumber()),
        wrapper(
            "decoding",
            "every",
            (options, draft) -> draft.every(options.integer("every", 512, 1))));
  }

  private static void protect(Options options, PolicyDraft draft) {
    int sinks = options.integer("sinks", 4, 0);
    draft.protect(Protection.of(sinks, options.integer("recent", 1, 0)));
  }

  private static void ada(Options options, PolicyDraft draft) {
    draft.requireDivisible("ada");
    draft.heads(new AdaptiveHeads(options.number("floor", 0.2, 0, 1)));
  }

  private static void pyramid(Options options, PolicyDraft draft) {
    draft.requireDivisible("pyramid");
    draft.layers(new PyramidLayers(options.integer("beta", 20, 1)));
  }

  private static void prefix(Options options, PolicyDraft draft) {
    draft.requireDivisible("prefix");
    draft.layers(new PrefixLayers());
  }

  private static void global(Options options, PolicyDraft draft) {
    draft.requireDivisible("global");
    draft.layers(new GlobalLayers()).heads(new AdaptiveHeads(0));
  }

  private static void layers(Options options, PolicyDraft draft) {
    draft.requireDivisible("layers");
    String text = options.required("weights", "W:W:..., a number for each layer");
    try {
      List<Double> weights = Arrays.stream(text.split(":", -1)).map(Double::parseDouble).toList();
      draft.layers(new WeightedLayers(weights));
    } catch (NumberFormatException e) {
      throw (IllegalArgumentException)
          options.wrong("weights", "numbers separated by colons", text).initCause(e);
    }
  }

  private static void critical(Options options, PolicyDraft draft) {
    draft.stage(new CriticalStage(options.number("share", 0.5, 0, 1)));
  }
}
