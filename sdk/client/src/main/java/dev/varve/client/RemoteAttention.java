package dev.varve.client;

import dev.varve.sdk.attention.PartialAttention;
import java.util.List;

/**
 * Attention that a server computed.
 *
 * @param firstToken position of the first token that is covered
 * @param tokens covered from there on, without a hole; 0 where nothing is stored, and where the
 *     server failed: then the partials are those over no tokens
 * @param layers what each layer's queries get, to be merged with partials over other tokens
 */
public record RemoteAttention(int firstToken, int tokens, List<Layer> layers) {

  public RemoteAttention {
    layers = List.copyOf(layers);
  }

  /**
   * One layer.
   *
   * @param layer of the model
   * @param partial outputs {@code [tokens][queryHeads][valueDim]} and log-sum-exps, the caller's
   * @param rows keys that were read, over all KV heads
   */
  public record Layer(int layer, PartialAttention partial, long rows) {}
}
