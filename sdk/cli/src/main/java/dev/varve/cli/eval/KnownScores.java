package dev.varve.cli.eval;

import dev.varve.eviction.EvictionPolicy;
import dev.varve.eviction.observe.Needs;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.Workspace;
import dev.varve.eviction.score.Scores;
import dev.varve.eviction.score.TokenScorer;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.LongSupplier;

/**
 * Scores of one prompt that has forgotten nothing yet: they do not depend on a budget, so each
 * scorer looks at each layer once for all budgets, and for all policies that share it. The time
 * that this saved is counted, for a policy alone would have taken it. For one thread.
 */
final class KnownScores {
  private final LongSupplier nanos;
  private final Map<Look, Found> known = new HashMap<>();
  private long saved;

  KnownScores(LongSupplier nanos) {
    this.nanos = nanos;
  }

  private record Look(TokenScorer scorer, int layer, int tokens) {}

  private record Found(Scores scores, long nanos) {}

  /** The same policy, whose scores are remembered here. */
  EvictionPolicy remembered(EvictionPolicy policy) {
    return new EvictionPolicy(
        policy.text(),
        new Remembering(policy.scorer(), this),
        policy.stage(),
        policy.budget(),
        policy.allocator(),
        policy.protection(),
        policy.merger(),
        policy.after());
  }

  /** Seconds that were saved since this was asked last. */
  double takeSaved() {
    double seconds = saved / 1e9;
    saved = 0;
    return seconds;
  }

  private Scores score(TokenScorer scorer, Observation layer, Workspace workspace) {
    Look look = new Look(scorer, layer.layer(), layer.tokens());
    Found found = known.get(look);
    if (found == null) {
      long start = nanos.getAsLong();
      Scores scores = scorer.score(layer, workspace);
      found = new Found(scores, nanos.getAsLong() - start);
      known.put(look, found);
    } else {
      saved += found.nanos();
    }
    return copy(found.scores());
  }

  /** Whoever asks for scores may change them. */
  private static Scores copy(Scores scores) {
    float[][] heads = new float[scores.heads().length][];
    for (int head = 0; head < heads.length; head++) {
      heads[head] = scores.heads()[head].clone();
    }
    return new Scores(heads, scores.mass().map(float[]::clone));
  }

  private record Remembering(TokenScorer scorer, KnownScores known) implements TokenScorer {
    @Override
    public Needs needs() {
      return scorer.needs();
    }

    @Override
    public Scores score(Observation layer, Workspace workspace) {
      return known.score(scorer, layer, workspace);
    }

    @Override
    public OptionalDouble decay() {
      return scorer.decay();
    }

    @Override
    public int sourceLayer(int layer) {
      return scorer.sourceLayer(layer);
    }
  }
}
