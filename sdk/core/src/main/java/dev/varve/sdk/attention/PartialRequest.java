package dev.varve.sdk.attention;

import dev.varve.store.Checks;
import dev.varve.store.ChunkKey;
import java.util.BitSet;
import java.util.List;

/**
 * How many queries attend to what.
 *
 * @param layer of the model
 * @param tokens query tokens
 * @param chunks what is attended, in any order; no position may be in two of them
 * @param chosen positions to read: none for every token of the chunks, one set for all KV heads, or
 *     one for each; positions that no chunk holds are passed over
 */
public record PartialRequest(int layer, int tokens, List<ChunkKey> chunks, List<BitSet> chosen) {

  public PartialRequest {
    Checks.notNegative(layer, "layer");
    Checks.positive(tokens, "tokens");
    chunks = List.copyOf(chunks);
    chosen = List.copyOf(chosen);
  }

  /** Every token of {@code chunks}. */
  public static PartialRequest whole(int layer, int tokens, List<ChunkKey> chunks) {
    return new PartialRequest(layer, tokens, chunks, List.of());
  }
}
