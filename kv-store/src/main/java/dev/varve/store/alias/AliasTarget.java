package dev.varve.store.alias;

import dev.varve.store.Checks;
import dev.varve.store.ChunkKey;

/**
 * Where the prefix ends that another engine's hash stands for. A block that is longer than what
 * lies before its end in the chunk reaches back into the chunks before, by {@link
 * dev.varve.store.ChunkSpan#parent}.
 *
 * @param chunk our chunk that holds the block's last token
 * @param endToken tokens of the chunk up to and with that token, at least 1
 */
public record AliasTarget(ChunkKey chunk, int endToken) {

  public AliasTarget {
    Checks.positive(endToken, "end of an alias in its chunk");
  }
}
