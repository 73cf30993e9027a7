package dev.varve.sdk.forgetting;

import dev.varve.compression.Encodings;
import dev.varve.eviction.EvictionPlanner;
import dev.varve.eviction.EvictionPolicy;
import dev.varve.eviction.LowPrecision;
import dev.varve.eviction.budget.Apportionment;
import dev.varve.eviction.budget.Budget;
import dev.varve.eviction.budget.BudgetAllocator;
import dev.varve.eviction.head.HeadMapAllocator;
import dev.varve.eviction.keep.KeepPlan;
import dev.varve.eviction.merge.Merger;
import dev.varve.eviction.observe.Needs;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.Signal;
import dev.varve.eviction.observe.Workspace;
import dev.varve.eviction.score.ProjectedNorms;
import dev.varve.store.Encoding;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One decision of an {@link EvictionPolicy} about one session. Layers that show the same number of
 * rows are judged together, so that the policy compares layers and heads; once an earlier
 * forgetting left heads with different numbers, all are judged one by one.
 */
final class EvictionRun {

  private final EvictionPolicy policy;
  private final SessionHistory history;
  private final int decidedAt;
  private final LayerCursor cursor;
  private final KeepSets keep;
  private final Optional<OutputProjections> projections;
  private final Optional<Encoding> low;
  private boolean untold;

  /**
   * @param decidedAt tokens of the session when it decided last
   * @param projections of the model, if the engine gives them
   */
  EvictionRun(
      EvictionPolicy policy,
      SessionHistory history,
      int decidedAt,
      Optional<OutputProjections> projections) {
    this.policy = policy;
    this.history = history;
    this.decidedAt = decidedAt;
    this.projections = projections;
    this.low = low(policy);
    this.cursor = new LayerCursor(history);
    this.keep = new KeepSets(history.shape());
  }

  /** How tokens are written that are not kept; empty if they are forgotten. */
  static Optional<Encoding> low(EvictionPolicy policy) {
    LowPrecision low = policy.after().low();
    return low == LowPrecision.DROP
        ? Optional.empty()
        : Optional.of(Encodings.parse(low.encoding()));
  }

  /** Whether a signal was missing, so that nothing could be decided. */
  boolean untold() {
    return untold;
  }

  /** Tokens that may be kept. */
  private int tokens() {
    return history.tokens() - history.drafted();
  }

  KeepSets decide() {
    ModelShape shape = history.shape();
    Map<Long, List<ShownLayer>> alike = new LinkedHashMap<>();
    List<ShownLayer> uneven = new ArrayList<>();
    for (int layer = 0; layer < shape.layerCount(); layer++) {
      if (shape.owns(layer)) {
        ShownLayer shown = ShownLayer.of(cursor, layer);
        if (shown.even()) {
          long size = ((long) shown.rows(0) << 32) | shown.aside(0);
          alike.computeIfAbsent(size, any -> new ArrayList<>()).add(shown);
        } else {
          shown.addHeads(uneven);
        }
      }
    }
    boolean split = alike.size() > 1 || !uneven.isEmpty();
    boolean shares = policy.budget().isPresent() && decidedAt > 0;
    if (split && (shares || policy.allocator() instanceof HeadMapAllocator)) {
      alike.values().forEach(layers -> layers.forEach(layer -> layer.addHeads(uneven)));
    } else {
      alike.values().forEach(this::together);
    }
    oneByOne(uneven);
    return keep;
  }

  /** Layers of equal size, compared with each other. */
  private void together(List<ShownLayer> layers) {
    ShownLayer first = layers.getFirst();
    Optional<Budget> budget = policy.budget();
    if (budget.isPresent()) {
      int places = total(budget.get()) - first.aside(0);
      if (places >= first.rows(0) - history.drafted()) {
        return;
      }
      budget = Optional.of(new Budget.Tokens(Math.max(least(), places)));
    }
    plan(layers, policy.allocator(), budget);
  }

  /** Heads of different sizes: each keeps the share of the budget that it had. */
  private void oneByOne(List<ShownLayer> heads) {
    if (heads.isEmpty()) {
      return;
    }
    int[] places = new int[heads.size()];
    if (policy.budget().isPresent()) {
      double[] shares = new double[places.length];
      for (int i = 0; i < shares.length; i++) {
        shares[i] = heads.get(i).rowsBefore(decidedAt);
      }
      int each = total(policy.budget().get());
      places = Apportionment.split(shares, (long) each * shares.length, tokens());
    }
    for (int i = 0; i < places.length; i++) {
      ShownLayer head = heads.get(i);
      Optional<Budget> budget = Optional.empty();
      if (policy.budget().isPresent()) {
        int left = places[i] - head.aside(0);
        if (left >= head.rows(0) - history.drafted()) {
          continue;
        }
        budget = Optional.of(new Budget.Tokens(Math.max(least(), left)));
      }
      plan(List.of(head), alone(head), budget);
    }
  }

  /** What the policy's allocator gives one head of the model that nobody is compared with. */
  private BudgetAllocator alone(ShownLayer head) {
    if (policy.allocator() instanceof HeadMapAllocator streaming) {
      boolean full = streaming.map().isFull(head.layer(), head.firstHead());
      int recent = newest(streaming, tokens());
      return demand ->
          new int[][] {{full ? demand.candidates() : Math.min(recent, demand.candidates())}};
    }
    if (policy.budget().isEmpty()) {
      return policy.allocator();
    }
    return demand -> new int[][] {{(int) Math.min(demand.total(), demand.candidates())}};
  }

  /** Newest tokens that a streaming head keeps. */
  private static int newest(HeadMapAllocator streaming, int tokens) {
    int newest = streaming.recent();
    return streaming.compression() > 0
        ? Math.max(newest, (int) (tokens / streaming.compression()))
        : newest;
  }

  /** Rows that a streaming head keeps of {@code tokens} tokens. */
  static int places(EvictionPolicy policy, HeadMapAllocator streaming, int tokens) {
    int extra = policy.merger().map(Merger::extraSlots).orElse(0);
    return policy.protection().kept() + newest(streaming, tokens) + extra;
  }

  /**
   * Newest queries that a policy looks at.
   *
   * @param summed whether sums of attention do instead of every query
   */
  static int window(EvictionPolicy policy, boolean summed) {
    return summed
        ? policy.stage().map(stage -> stage.needs().window()).orElse(0)
        : policy.needs().window();
  }

  private void plan(List<ShownLayer> layers, BudgetAllocator allocator, Optional<Budget> budget) {
    ShownLayer first = layers.getFirst();
    if (first.rows(0) - history.drafted() <= least() || !seesEnough(layers)) {
      return;
    }
    EvictionPolicy fitted =
        new EvictionPolicy(
            policy.text(),
            policy.scorer(),
            policy.stage(),
            budget,
            allocator,
            policy.protection(),
            policy.merger(),
            policy.after());
    List<Observation> observations = layers.stream().map(this::observation).toList();
    KeepPlan plan = new EvictionPlanner(fitted, history.backend()).plan(observations);
    for (int i = 0; i < layers.size(); i++) {
      ShownLayer layer = layers.get(i);
      for (int head = 0; head < layer.heads(); head++) {
        keep.set(layer.layer(), layer.firstHead() + head, layer.kept(head, plan.head(i, head)));
      }
      if (low.isPresent() && layer.whole()) {
        int[] others = layer.others(plan.head(i, 0));
        keep.setCoded(layer.layer(), new CodedTokens(low.get(), others));
      }
    }
  }

  /** A layer with all that the policy asks for. */
  private Observation observation(ShownLayer layer) {
    Observation observed = layer.observation(policy);
    for (Signal signal : policy.needs().signals()) {
      observed = observed.with(signal, signal(signal, layer, observed));
    }
    return observed;
  }

  private float[][] signal(Signal signal, ShownLayer layer, Observation observed) {
    if (signal != Signal.PROJECTED_NORMS) {
      return layer.given(signal);
    }
    OutputProjections of = projections.orElseThrow();
    LayerShape whole = history.shape().layers().get(layer.layer());
    float[] projection = of.of(layer.layer());
    int from = layer.firstHead() * whole.group() * whole.valueDim();
    int width = whole.queryHeads() * whole.valueDim();
    int part = observed.shape().queryHeads() * whole.valueDim();
    float[] columns = projection;
    if (part < width) {
      columns = new float[of.hidden() * part];
      for (int row = 0; row < of.hidden(); row++) {
        System.arraycopy(projection, row * width + from, columns, row * part, part);
      }
    }
    return ProjectedNorms.of(observed, columns, of.hidden(), new Workspace(history.backend()));
  }

  /**
   * Whether there are the signals and the queries that the policy looks at, up to the newest row.
   */
  private boolean seesEnough(List<ShownLayer> layers) {
    for (ShownLayer layer : layers) {
      for (Signal signal : policy.needs().signals()) {
        if (signal != Signal.PROJECTED_NORMS && !layer.told(signal)) {
          untold = true;
          return false;
        }
      }
      int needed = window(policy, layer.summed(policy));
      int rows = layer.rows(0);
      int wanted = needed == Needs.ALL ? rows : needed;
      if (wanted > rows
          || wanted > history.queries(layer.layer())
          || (wanted > 0 && !layer.endsWithTheNewestToken())) {
        return false;
      }
    }
    return true;
  }

  /** Rows of a head, on average, that the budget allows. */
  private int total(Budget budget) {
    return budget.below(tokens()) ? budget.of(tokens()) : tokens();
  }

  /** Rows that a head keeps whatever the budget. */
  private int least() {
    int extra = policy.merger().map(Merger::extraSlots).orElse(0);
    return Math.max(1, policy.protection().kept() + extra);
  }
}
