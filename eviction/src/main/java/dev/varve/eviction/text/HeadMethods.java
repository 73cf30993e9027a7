package dev.varve.eviction.text;

import static dev.varve.eviction.text.Method.method;

import dev.varve.eviction.head.DuoPattern;
import dev.varve.eviction.head.HeadMap;
import dev.varve.eviction.head.HeadMapAllocator;
import dev.varve.eviction.head.HeadMapFile;
import dev.varve.eviction.merge.CompensationMerger;
import dev.varve.eviction.online.OldestRow;
import dev.varve.eviction.score.RecencyScorer;
import dev.varve.eviction.select.Protection;
import java.nio.file.Path;
import java.util.List;

/** Methods that know the heads of a model. */
final class HeadMethods {
  private static final String FILE = "FILE, a head map of varve calibrate heads";

  private HeadMethods() {}

  static List<Method> all() {
    return List.of(
        method(
            "razorattention",
            "heads compression sinks recent compensation weighted",
            HeadMethods::razor),
        method("duoattention", "heads sparsity sinks recent", HeadMethods::duo));
  }

  private static void razor(Options options, PolicyDraft draft) {
    HeadMap map = HeadMapFile.read(Path.of(options.required("heads", FILE)));
    double compression = options.number("compression", 5, 1, 1e6);
    int sinks = options.integer("sinks", 4, 0);
    int recent = options.integer("recent", 4000, 1);
    boolean compensation = options.flag("compensation", true);
    boolean weighted = options.flag("weighted", true);
    draft
        .scorer(new RecencyScorer())
        .allocator(new HeadMapAllocator(map, compression, recent))
        .protect(Protection.of(sinks, 0));
    if (compensation) {
      draft.merger(new CompensationMerger(weighted));
    }
    if (weighted || !compensation) {
      draft.rule(kept -> new OldestRow(kept.sinks()));
    }
  }

  private static void duo(Options options, PolicyDraft draft) {
    Path file =
        Path.of(options.required("heads", "FILE, a pattern file of DuoAttention or a head map"));
    double sparsity = options.number("sparsity", 0.5, 0, 1);
    HeadMap map =
        file.toString().endsWith(".json")
            ? HeadMapFile.read(file)
            : DuoPattern.read(file).map(sparsity);
    int sinks = options.integer("sinks", 128, 0);
    int recent = options.integer("recent", 256, 1);
    draft
        .scorer(new RecencyScorer())
        .allocator(new HeadMapAllocator(map, 0, recent))
        .protect(Protection.of(sinks, 0))
        .rule(kept -> new OldestRow(kept.sinks()));
  }
}
