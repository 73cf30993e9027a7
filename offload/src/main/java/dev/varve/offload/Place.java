package dev.varve.offload;

import dev.varve.store.BlockKey;
import dev.varve.store.Chunk;
import dev.varve.store.Encoding;
import dev.varve.store.Tier;

/** One layer of one chunk: a block, wherever it is. */
public record Place(Chunk chunk, int layer) {

  /** Key of the copy that a tier holds in this encoding. */
  BlockKey key(Encoding encoding) {
    return chunk.key().block(layer, encoding);
  }

  /** Whether a tier farther away than {@code tier} holds the block. */
  boolean heldBelow(Tier tier) {
    for (Tier other : Tier.values()) {
      if (other.compareTo(tier) > 0 && chunk.in(other, layer)) {
        return true;
      }
    }
    return false;
  }
}
