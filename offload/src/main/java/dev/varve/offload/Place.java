package dev.varve.offload;

import dev.varve.store.Chunk;
import dev.varve.store.Tier;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One layer of one chunk: a block, wherever it is. Equal to another of the same keys, whichever
 * objects stand for the chunk.
 */
public record Place(Chunk chunk, int layer) {

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Place(Chunk of, int at)
        && layer == at
        && (chunk == of || chunk.key().equals(of.key()));
  }

  @Override
  public int hashCode() {
    return 31 * Long.hashCode(chunk.name()) + layer;
  }

  /** The blocks of all layers of {@code chunk}. */
  static List<Place> all(Chunk chunk) {
    List<Place> places = new ArrayList<>(chunk.layers());
    for (int layer = 0; layer < chunk.layers(); layer++) {
      places.add(new Place(chunk, layer));
    }
    return places;
  }

  /** Whether any tier holds the block. */
  boolean exists() {
    return chunk.anywhere(layer);
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
