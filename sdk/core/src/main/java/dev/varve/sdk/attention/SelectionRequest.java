package dev.varve.sdk.attention;

import dev.varve.store.Checks;
import dev.varve.store.ChunkKey;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Which tokens some queries want to read.
 *
 * @param layer of the model
 * @param tokens query tokens; they stand behind the chunks, one after the other
 * @param chunks what is chosen from: consecutive, in token order
 * @param method chooses; what it says of first and newest tokens is counted from the first chunk
 *     and from the queries
 * @param least smallest logit of a token that is chosen; empty for any
 * @param scores whether the logits are wanted
 */
public record SelectionRequest(
    int layer,
    int tokens,
    List<ChunkKey> chunks,
    TokenMethod method,
    OptionalDouble least,
    boolean scores) {

  public SelectionRequest {
    Checks.notNegative(layer, "layer");
    Checks.positive(tokens, "tokens");
    chunks = List.copyOf(chunks);
  }

  /** Whether logits have to be computed. */
  public boolean scored() {
    return scores || least.isPresent();
  }
}
