package dev.varve.offload;

import dev.varve.store.Chunk;
import dev.varve.store.Tier;
import dev.varve.store.hot.HotPool;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Strikes copies from the catalog, but never the last one of a block: two tiers that each relied on
 * the other would lose it. A hot copy of what a lower tier holds approximately is none to rely on,
 * for nothing may be encoded from it. Thread-safe.
 */
final class LastCopies {

  private final HotPool hot;

  LastCopies(HotPool hot) {
    this.hot = hot;
  }

  /** Gives back the hot slot; false if it is leased, or no other tier holds the block. */
  synchronized boolean leaveHot(Move move) {
    if (!heldElsewhere(move.chunk(), move.layer(), Tier.HOT) || !hot.retire(move.hotHandle())) {
      return false;
    }
    move.chunk().dropHot(move.layer(), move.hotHandle());
    return true;
  }

  /**
   * Strikes the copies in {@code tier}, which the caller removes then.
   *
   * @return those of {@code places} whose copy is the last one and stays
   */
  synchronized List<Place> leave(Tier tier, Collection<Place> places) {
    List<Place> last = new ArrayList<>();
    for (Place place : places) {
      if (heldElsewhere(place.chunk(), place.layer(), tier)) {
        place.chunk().drop(place.layer(), tier);
      } else {
        last.add(place);
      }
    }
    return last;
  }

  private static boolean heldElsewhere(Chunk chunk, int layer, Tier tier) {
    for (Tier other : Tier.values()) {
      boolean holds =
          other == Tier.HOT ? chunk.originalHandle(layer) != Chunk.NOT_HOT : chunk.in(other, layer);
      // Others may empty what is shared: who claims a chunk must not depend on it.
      boolean reliable = !Tiers.shared(other) || !chunk.claimed();
      if (other != tier && holds && reliable) {
        return true;
      }
    }
    return false;
  }
}
