package dev.varve.compression.container;

import dev.varve.compression.Section;
import dev.varve.store.Checks;

/**
 * Some heads of some chunks of one layer.
 *
 * @param layer the layer
 * @param section keys or values
 * @param firstChunk the first chunk
 * @param chunks how many
 * @param firstHead the first KV head
 * @param heads how many
 * @param level of which level
 */
public record RowSelection(
    int layer, Section section, int firstChunk, int chunks, int firstHead, int heads, int level) {

  public RowSelection {
    Checks.notNegative(layer, "layer");
    Checks.notNegative(firstChunk, "first chunk");
    Checks.positive(chunks, "chunks");
    Checks.notNegative(firstHead, "first head");
    Checks.positive(heads, "heads");
    Checks.notNegative(level, "level");
  }

  /** All heads of all chunks of a layer. */
  public static RowSelection all(ContainerHeader header, int layer, Section section) {
    int heads = header.shape().layers().get(layer).kvHeads();
    return new RowSelection(layer, section, 0, header.chunks(), 0, heads, 0);
  }

  /** Tokens of the selected chunks. */
  public int tokens(ContainerHeader header) {
    int tokens = 0;
    for (int chunk = firstChunk; chunk < firstChunk + chunks; chunk++) {
      tokens += header.tokensOf(chunk);
    }
    return tokens;
  }
}
