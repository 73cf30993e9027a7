package dev.varve.attention.policy;

import static dev.varve.attention.policy.PolicyOptions.MOST;
import static dev.varve.attention.policy.PolicyOptions.dense;
import static dev.varve.attention.policy.PolicyOptions.keys;
import static dev.varve.attention.policy.PolicyOptions.scores;
import static dev.varve.attention.policy.PolicyOptions.window;

import dev.varve.attention.index.GroupVoteIndex;
import dev.varve.attention.index.HierarchicalIndex;
import dev.varve.attention.index.RecycledIndex;
import dev.varve.attention.index.SoftVoteIndex;
import dev.varve.attention.select.CosineReuse;
import dev.varve.attention.select.Reuse;
import dev.varve.attention.select.Window;
import dev.varve.store.text.CallOptions;
import java.util.ArrayList;
import java.util.List;

/** Policies that score single tokens. */
final class TokenPolicies {
  private TokenPolicies() {}

  static SelectorPolicy tokenSelect(CallOptions options) {
    Window window = window(options, 128, 2048, 512);
    double theta = options.number("theta", 0.9, -2, 2);
    String keys = keys(options, "exact");
    boolean logits = options.choice("scale", "plain", List.of("plain", "logit")).equals("logit");
    int pool = options.count("pool", 1, 1, 65_535);
    if (pool % 2 == 0) {
      throw new IllegalArgumentException("tokenselect: pool must be odd: " + pool);
    }
    return new TextPolicy(
        options.text(),
        window,
        0,
        (shape, backend) ->
            new SoftVoteIndex(
                shape, scores(keys, shape, backend), logits ? shape.scale() : 1f, pool, backend),
        () -> new CosineReuse(theta));
  }

  static SelectorPolicy oracle(CallOptions options) {
    Window window = window(options, 0, 2048, 1);
    return new TextPolicy(
        options.text(),
        window,
        0,
        (shape, backend) -> new GroupVoteIndex(shape, scores("exact", shape, backend), backend),
        () -> Reuse.NEVER);
  }

  static SelectorPolicy speCache(CallOptions options) {
    Window window = window(options, 0, 64, 64);
    String keys = options.choice("keys", "int4", List.of("int8", "int4"));
    return new TextPolicy(
        options.text(),
        window,
        0,
        (shape, backend) -> new GroupVoteIndex(shape, scores(keys, shape, backend), backend),
        () -> Reuse.NEVER);
  }

  static SelectorPolicy recycled(CallOptions options) {
    Window window = window(options, 0, 4096, 1);
    var schedule =
        new RecycledIndex.Schedule(
            options.count("every", 50, 1, MOST),
            options.count("check", 0, 0, MOST),
            options.number("cosine", 0.8, -2, 2));
    return new TextPolicy(
        options.text(),
        window,
        0,
        (shape, backend) -> new RecycledIndex(shape, schedule, backend),
        () -> Reuse.NEVER);
  }

  static SelectorPolicy hierarchical(CallOptions options) {
    Window window = window(options, 256, 2048, 1024);
    int dense = dense(options, 3);
    List<Integer> chunks = options.list("chunk", List.of(256, 32, 8));
    List<Integer> keep = options.list("keep", List.of(32_768, 8192));
    List<Integer> refresh = options.list("refresh", List.of(32, 16, 8));
    if (refresh.size() != chunks.size() || keep.size() + 1 != chunks.size()) {
      throw new IllegalArgumentException(
          "hip: %d chunk sizes need as many refresh numbers and one keep less: %d and %d"
              .formatted(chunks.size(), refresh.size(), keep.size()));
    }
    List<HierarchicalIndex.Stage> stages = new ArrayList<>();
    for (int i = 0; i < chunks.size(); i++) {
      int tokens = i < keep.size() ? keep.get(i) : 1;
      stages.add(new HierarchicalIndex.Stage(chunks.get(i), tokens, refresh.get(i)));
    }
    HierarchicalIndex.check(stages);
    return new TextPolicy(
        options.text(),
        window,
        dense,
        (shape, backend) -> new HierarchicalIndex(shape, stages, backend),
        () -> Reuse.NEVER);
  }
}
