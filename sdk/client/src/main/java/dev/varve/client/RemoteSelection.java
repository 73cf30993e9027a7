package dev.varve.client;

import dev.varve.sdk.attention.ChosenTokens;
import java.util.List;

/**
 * Tokens that a server chose.
 *
 * @param firstToken position of the first token that could be chosen
 * @param tokens from there on, without a hole; 0 where nothing is stored, and where the server
 *     failed
 * @param layers what was chosen for each
 */
public record RemoteSelection(int firstToken, int tokens, List<Layer> layers) {

  public RemoteSelection {
    layers = List.copyOf(layers);
  }

  /**
   * One layer.
   *
   * @param layer of the model
   * @param sets one for all KV heads, or one for each
   */
  public record Layer(int layer, List<ChosenTokens> sets) {
    public Layer {
      sets = List.copyOf(sets);
    }
  }
}
