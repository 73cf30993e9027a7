package dev.varve.eviction;

import dev.varve.eviction.budget.Demand;
import dev.varve.eviction.keep.HeadKeep;
import dev.varve.eviction.keep.KeepPlan;
import dev.varve.eviction.keep.MergedSlot;
import dev.varve.eviction.merge.HeadEviction;
import dev.varve.eviction.merge.Merger;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.Workspace;
import dev.varve.eviction.score.Scores;
import dev.varve.eviction.select.Protection;
import dev.varve.eviction.select.SecondStage;
import dev.varve.eviction.select.TokenSelector;
import dev.varve.store.kernel.Backend;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Walks the one way of a policy: observe, score, allocate, select, merge. All layers are scored
 * before the first budget is given, for some allocators compare layers. Keeps nothing between two
 * plans but scratch memory; for one thread.
 */
public final class EvictionPlanner {
  private final EvictionPolicy policy;
  private final Workspace workspace;

  public EvictionPlanner(EvictionPolicy policy, Backend backend) {
    this.policy = policy;
    this.workspace = new Workspace(backend);
  }

  /**
   * Decides what is kept of every layer.
   *
   * @param layers all layers of the model, with the same tokens
   * @throws IllegalArgumentException if the policy needs what is not there, does not fit the number
   *     of tokens, or meets a NaN; the sentence names value and limit
   */
  public KeepPlan plan(List<Observation> layers) {
    int tokens = requireSame(layers);
    policy
        .allocator()
        .unfit(layers.size(), layers.getFirst().shape().kvHeads())
        .ifPresent(reason -> {
          throw new IllegalArgumentException(reason);
        });
    Demand demand = demand(layers, tokens);
    int[][] places = policy.allocator().allocate(demand);
    TokenSelector selector = new TokenSelector(policy.protection(), policy.stage());
    List<List<HeadKeep>> plan = new ArrayList<>();
    for (int i = 0; i < layers.size(); i++) {
      Observation layer = layers.get(i);
      Scores scores = demand.scores().get(i);
      Optional<Scores> second = second(layer, scores);
      List<HeadKeep> heads = new ArrayList<>();
      for (int head = 0; head < places[i].length; head++) {
        int picks = fitting(places[i][head], demand);
        int[] kept = selector.select(scores, second, head, picks);
        heads.add(keep(layer, head, kept, scores.heads()[head]));
      }
      plan.add(heads);
    }
    return new KeepPlan(tokens, plan, policy.after().renumber());
  }

  private int requireSame(List<Observation> layers) {
    int tokens = layers.getFirst().tokens();
    for (Observation layer : layers) {
      if (layer.tokens() != tokens) {
        throw new IllegalArgumentException(
            "layer %d has %d tokens, layer %d has %d: all must have the same"
                .formatted(layer.layer(), layer.tokens(), layers.getFirst().layer(), tokens));
      }
      policy
          .needs()
          .missingFrom(layer)
          .ifPresent(reason -> {
            throw new IllegalArgumentException(
                "%s cannot be used on layer %d: %s"
                    .formatted(policy.text(), layer.layer(), reason));
          });
    }
    return tokens;
  }

  private Demand demand(List<Observation> layers, int tokens) {
    Protection protection = policy.protection();
    int available = protection.available(tokens);
    if (protection.kept() > available) {
      throw new IllegalArgumentException(
          "%s always keeps %d tokens, more than the %d that there are"
              .formatted(policy.text(), protection.kept(), Math.max(0, available)));
    }
    int taken = protection.kept() + extraSlots();
    int from = protection.sinks();
    int to = protection.end(tokens);
    int free = Math.max(0, to - from - extraSlots());
    if (policy.budget().isPresent()) {
      int budget = policy.budget().get().of(available);
      if (budget < available) {
        free = budget - taken;
        requireFree(free, budget, taken);
      }
    }
    return new Demand(scores(layers), from, to, free, protection.kept(), extraSlots());
  }

  private void requireFree(int free, int budget, int taken) {
    if (free < 0) {
      throw new IllegalArgumentException(
          ("%s keeps %d tokens a head, fewer than the %d that it must always keep (sinks, window,"
                  + " extra slots): raise the budget or lower those")
              .formatted(policy.text(), budget, taken));
    }
  }

  private List<Scores> scores(List<Observation> layers) {
    Map<Integer, Scores> known = new HashMap<>();
    List<Scores> all = new ArrayList<>();
    for (int i = 0; i < layers.size(); i++) {
      int source = policy.scorer().sourceLayer(i);
      if (source >= layers.size()) {
        throw new IllegalArgumentException(
            "%s scores with layer %d, the model has layers 0 to %d"
                .formatted(policy.text(), source, layers.size() - 1));
      }
      Scores scores = known.get(source);
      if (scores == null) {
        Observation observed = layers.get(source);
        scores = policy.scorer().score(observed, workspace).requireNumbers(observed.layer());
        known.put(source, scores);
      }
      all.add(scores);
    }
    return all;
  }

  private Optional<Scores> second(Observation layer, Scores first) {
    if (policy.stage().isEmpty()) {
      return Optional.empty();
    }
    SecondStage stage = policy.stage().get();
    return Optional.of(stage.score(layer, first, workspace).requireNumbers(layer.layer()));
  }

  /** A head that would lose no more tokens than the merger adds slots loses none. */
  private static int fitting(int places, Demand demand) {
    return places >= demand.candidates() ? demand.to() - demand.from() : places;
  }

  private int extraSlots() {
    return policy.merger().map(Merger::extraSlots).orElse(0);
  }

  private HeadKeep keep(Observation layer, int head, int[] kept, float[] scores) {
    int available = policy.protection().available(layer.tokens());
    List<MergedSlot> merged = List.of();
    if (policy.merger().isPresent() && kept.length < available) {
      HeadEviction eviction = HeadEviction.of(layer, head, kept, available, scores);
      merged = policy.merger().get().merge(eviction, workspace);
    }
    int[] positions = new int[kept.length];
    for (int i = 0; i < kept.length; i++) {
      positions[i] = layer.positions().at(kept[i]);
    }
    return new HeadKeep(kept, positions, merged);
  }
}
