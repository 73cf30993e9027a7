package dev.varve.attention.policy;

import dev.varve.attention.index.ExactKeyScores;
import dev.varve.attention.index.SoftVoteIndex;
import dev.varve.attention.select.CosineReuse;
import dev.varve.attention.select.StepSelector;
import dev.varve.attention.select.Window;
import dev.varve.store.LayerShape;
import dev.varve.store.kernel.Backend;
import dev.varve.store.text.CallOptions;
import dev.varve.store.text.TokenBudget;
import java.util.List;

/**
 * TokenSelect (Wu et al., 2025): the soft vote of all heads over exact keys, one set a layer,
 * reused while the queries point the same way.
 *
 * @param window first, newest and picked tokens
 * @param theta cosine from which picks are reused
 * @param logits whether the heads vote by their attention logits; else by plain dot products, as
 *     the paper's code does
 * @param pool window of the max-pooling of votes, odd; 1 for none
 */
public record TokenSelectPolicy(Window window, double theta, boolean logits, int pool)
    implements SelectorPolicy {

  static final String NAME = "tokenselect";

  public TokenSelectPolicy {
    if (pool % 2 == 0) {
      throw new IllegalArgumentException("tokenselect: pool must be odd: " + pool);
    }
  }

  static SelectorPolicy read(CallOptions options) {
    Window window =
        new Window(
            options.count("init", 128, 0, Integer.MAX_VALUE),
            options.count("local", 512, 0, Integer.MAX_VALUE),
            options.budget("k", TokenBudget.tokens(2048)));
    return new TokenSelectPolicy(
        window,
        options.number("theta", 0.9, -2, 2),
        options.choice("scale", "plain", List.of("plain", "logit")).equals("logit"),
        options.count("pool", 1, 1, 65_535));
  }

  @Override
  public StepSelector open(LayerShape shape, Backend backend) {
    var keys = new ExactKeyScores(shape.kvHeads(), shape.keyDim(), backend);
    var index = new SoftVoteIndex(shape, keys, logits ? shape.scale() : 1f, pool, backend);
    return new StepSelector(shape, window, index, new CosineReuse(theta));
  }

  @Override
  public String text() {
    return "%s(init=%d,k=%s,local=%d,theta=%s,scale=%s,pool=%d)"
        .formatted(
            NAME,
            window.init(),
            window.picks(),
            window.local(),
            theta,
            logits ? "logit" : "plain",
            pool);
  }
}
