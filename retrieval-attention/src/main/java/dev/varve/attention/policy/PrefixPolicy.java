package dev.varve.attention.policy;

import dev.varve.attention.index.CentroidIndex;
import dev.varve.attention.index.PrefixLayer;
import dev.varve.attention.index.SqueezedBuilder;
import dev.varve.attention.index.TokenIndex;
import dev.varve.attention.select.Reuse;
import dev.varve.attention.select.StepSelector;
import dev.varve.attention.select.Window;
import dev.varve.store.LayerShape;
import dev.varve.store.kernel.Backend;
import dev.varve.store.text.CallOptions;
import dev.varve.store.text.TokenBudget;
import java.util.List;

/**
 * Squeezed Attention (Hooper et al., 2025): its indices are built once for a fixed prefix and all
 * its layers, then serve every session over it. A session that is opened before they are built
 * reads everything.
 *
 * @param text with every option
 * @param observe tokens at the end of the prefix whose queries set the threshold
 * @param prefix tokens of the prefix; 0 for all that come before the steps
 * @param settings of the clustering
 * @param window always read, and the cap
 */
public record PrefixPolicy(
    String text, int observe, int prefix, SqueezedBuilder.Settings settings, Window window)
    implements SelectorPolicy {

  static SelectorPolicy squeezed(CallOptions options) {
    int most = Integer.MAX_VALUE;
    double percent = options.number("percent", 5, 0, 100);
    double coarse = options.number("coarse", 0, 0, 100);
    double sparsity = options.number("sparsity", 0.9, 0, 1);
    double coarseSparsity = options.number("coarsesparsity", 0.5, 0, 1);
    int observe = options.count("observe", 100, 1, most);
    int prefix = options.count("prefix", 0, 0, most);
    TokenBudget cap = options.budget("cap", TokenBudget.tokens(most));
    int init = options.count("init", 0, 0, most);
    int local = options.count("local", 1, 0, most);
    int seed = options.count("seed", 0, 0, most);
    int rounds = options.count("rounds", 300, 1, 100_000);
    var settings =
        new SqueezedBuilder.Settings(percent, coarse, sparsity, coarseSparsity, seed, rounds);
    return new PrefixPolicy(
        options.text(), observe, prefix, settings, new Window(init, local, cap));
  }

  /** The indices of all layers of a prefix. */
  public List<CentroidIndex> build(LayerShape shape, List<PrefixLayer> layers, Backend backend) {
    return new SqueezedBuilder(shape, settings, backend).build(layers);
  }

  @Override
  public TokenIndex index(LayerShape shape, Backend backend) {
    return new CentroidIndex(shape, backend);
  }

  @Override
  public StepSelector open(LayerShape shape, int layer, TokenIndex index) {
    return new StepSelector(shape, window, index, Reuse.NEVER);
  }
}
