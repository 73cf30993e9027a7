package dev.varve.offload;

import dev.varve.store.Chunk;
import dev.varve.store.Residence;

/** One block that leaves HOT. */
public record Move(Chunk chunk, int layer, long hotHandle) {

  Place place() {
    return new Place(chunk, layer);
  }

  /** Whether a lower tier holds the block already, so that nothing needs to be carried. */
  public boolean hasLowerCopy() {
    return switch (chunk.residence(layer)) {
      case Residence.Absent() -> false;
      case Residence.Resident(var tiers) -> tiers.size() > 1;
      case Residence.Moving(var tiers, var to) -> tiers.size() > 1;
    };
  }
}
