package dev.varve.llamacpp.observe;

import dev.varve.eviction.EvictionPolicy;
import dev.varve.eviction.budget.LayeredAllocator;
import dev.varve.eviction.budget.UniformHeads;
import dev.varve.eviction.budget.UniformLayers;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.Workspace;
import dev.varve.eviction.score.Scores;
import dev.varve.eviction.select.Protection;
import dev.varve.eviction.select.TokenSelector;
import dev.varve.llamacpp.LlamaContext;
import dev.varve.llamacpp.LlamaException;
import dev.varve.llamacpp.Wanted;
import dev.varve.store.kernel.Backend;
import java.util.List;
import java.util.Optional;

/**
 * Forgets tokens of a prompt inside llama.cpp's own cache, which removes a position for all layers
 * and heads together: the scores of a policy are summed over them, each head's divided by their
 * mean magnitude so that none outvotes the others. Keeps nothing between two prompts. For one
 * thread.
 */
public final class LlamaEviction {

  private final EvictionPolicy policy;
  private final Workspace workspace;

  private LlamaEviction(EvictionPolicy policy, Backend backend) {
    this.policy = policy;
    this.workspace = new Workspace(backend);
  }

  /**
   * Forgets as {@code policy} says.
   *
   * @throws IllegalArgumentException if the policy treats heads or layers apart, merges tokens,
   *     renumbers them, goes on while decoding or needs signals: says which
   */
  public static LlamaEviction of(EvictionPolicy policy, Backend backend) {
    refusal(policy)
        .ifPresent(reason -> {
          throw new IllegalArgumentException(
              "%s cannot be used in llama.cpp: %s".formatted(policy.text(), reason));
        });
    return new LlamaEviction(policy, backend);
  }

  private static Optional<String> refusal(EvictionPolicy policy) {
    boolean even = policy.allocator() instanceof LayeredAllocator(UniformLayers _, UniformHeads _);
    if (policy.budget().isEmpty() || !even) {
      return Optional.of("it treats layers or heads apart, and positions are removed for all");
    }
    if (policy.merger().isPresent() || policy.after().renumber() || policy.stage().isPresent()) {
      return Optional.of("it merges, renumbers or judges twice, and positions are only removed");
    }
    if (policy.after().online().isPresent() || policy.after().every().isPresent()) {
      return Optional.of("it goes on while decoding, and a prompt is judged once");
    }
    if (!policy.needs().signals().isEmpty() || policy.protection().lookahead() > 0) {
      return Optional.of("it needs signals that llama.cpp does not give");
    }
    return Optional.empty();
  }

  /** What it follows. */
  public EvictionPolicy policy() {
    return policy;
  }

  /**
   * Decodes a prompt in an empty context that is observed, and forgets what the policy does not
   * keep.
   *
   * @return logits of the last token
   */
  public float[] prefill(LlamaContext context, int[] prompt) {
    if (context.length() > 0) {
      throw new LlamaException(
          "a prompt is judged from its first token on, the context holds %d: clear it"
              .formatted(context.length()));
    }
    PromptObserver observer =
        new PromptObserver(context.model().dimensions(), policy.needs().window());
    float[] logits;
    context.observe(Optional.of(observer));
    try {
      logits = context.decode(prompt, Wanted.LAST);
    } finally {
      context.observe(Optional.empty());
    }
    context.keepOnly(kept(observer.observations()), prompt.length);
    return logits;
  }

  /** Positions that are kept of a prompt, ascending; all where the budget is not below them. */
  public int[] kept(List<Observation> layers) {
    int tokens = layers.getFirst().tokens();
    Protection protection = policy.protection();
    int budget =
        policy.budget().orElseThrow().below(tokens)
            ? policy.budget().orElseThrow().of(tokens)
            : tokens;
    int picks = Math.max(0, budget - protection.kept());
    if (budget >= tokens || protection.kept() >= tokens) {
      return all(tokens);
    }
    Scores sum = Scores.of(sum(layers, tokens));
    return new TokenSelector(protection, Optional.empty()).select(sum, Optional.empty(), 0, picks);
  }

  private static int[] all(int tokens) {
    int[] all = new int[tokens];
    for (int i = 0; i < tokens; i++) {
      all[i] = i;
    }
    return all;
  }

  private float[] sum(List<Observation> layers, int tokens) {
    float[] sum = new float[tokens];
    for (int layer = 0; layer < layers.size(); layer++) {
      int source = policy.scorer().sourceLayer(layer);
      if (source >= layers.size()) {
        throw new IllegalArgumentException(
            "%s scores with layer %d, the model has layers 0 to %d"
                .formatted(policy.text(), source, layers.size() - 1));
      }
      Observation observed = layers.get(source);
      policy
          .needs()
          .missingFrom(observed)
          .ifPresent(reason -> {
            throw new IllegalArgumentException(
                "%s cannot be used: %s".formatted(policy.text(), reason));
          });
      Scores scores = policy.scorer().score(observed, workspace).requireNumbers(layer);
      for (float[] head : scores.heads()) {
        add(head, sum);
      }
    }
    return sum;
  }

  private static void add(float[] head, float[] sum) {
    double magnitude = 0;
    for (float score : head) {
      magnitude += Float.isFinite(score) ? Math.abs(score) : 0;
    }
    float scale = magnitude > 0 ? (float) (head.length / magnitude) : 1;
    for (int i = 0; i < head.length; i++) {
      sum[i] += Float.isFinite(head[i]) ? head[i] * scale : head[i];
    }
  }
}
