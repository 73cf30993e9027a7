package dev.varve.offload;

import dev.varve.store.BlockKey;
import dev.varve.store.Chunk;
import dev.varve.store.Encoding;
import dev.varve.store.Tier;

/** One layer of one chunk. */
record Place(Chunk chunk, int layer) {

  BlockKey key() {
    return chunk.key().block(layer, Encoding.RAW);
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
