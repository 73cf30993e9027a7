package dev.varve.client;

import dev.varve.store.Checks;

/**
 * Blocks of a context.
 *
 * @param firstChunk the first chunk
 * @param chunks how many; what is not stored of them is left out
 * @param firstLayer the first layer
 * @param layers how many
 */
public record BlockRange(int firstChunk, int chunks, int firstLayer, int layers) {

  public BlockRange {
    Checks.inRange(firstChunk, 0, Integer.MAX_VALUE, "first chunk");
    Checks.inRange(chunks, 0, Integer.MAX_VALUE, "chunks");
    Checks.inRange(firstLayer, 0, Integer.MAX_VALUE, "first layer");
    Checks.inRange(layers, 0, Integer.MAX_VALUE, "layers");
  }
}
