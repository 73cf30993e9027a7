package dev.varve.offload;

import dev.varve.offload.tenancy.Admission;
import dev.varve.offload.tenancy.Tenancy;
import dev.varve.store.BlockGeometry;
import dev.varve.store.BlockTier;
import dev.varve.store.Chunk;
import dev.varve.store.EncodedBlock;
import dev.varve.store.ReadOutcome;
import dev.varve.store.StoreException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the copies that a lower tier is to hold, from the exact bytes of the nearest tier that has
 * them. For the one thread that moves blocks.
 */
final class CopyDown {

  private static final Logger LOG = LoggerFactory.getLogger(CopyDown.class);

  private final Tiers tiers;
  private final ChunkOrders orders;
  private final Counters counters;
  private final Tenancy tenancy;

  CopyDown(Tiers tiers, ChunkOrders orders, Counters counters, Tenancy tenancy) {
    this.tiers = tiers;
    this.orders = orders;
    this.counters = counters;
    this.tenancy = tenancy;
  }

  /**
   * Writes as many of {@code places} to {@code to}, in order, as it has room for, in one batch.
   *
   * @return how many places, counted from the first, need no more care: they are held now, their
   *     source was gone, or the quota of their tenant has no room
   */
  int carry(List<Place> places, BlockTier to) {
    try (Arena staging = Arena.ofConfined()) {
      List<Place> sources = new ArrayList<>();
      List<EncodedBlock> blocks = new ArrayList<>();
      Admission admission = tenancy.admission(to, tiers.geometry());
      for (Place place : places) {
        if (admission.admits(place.chunk(), place.layer())) {
          encode(place, staging)
              .ifPresent(block -> {
                sources.add(place);
                blocks.add(block);
              });
        }
      }
      if (blocks.isEmpty()) {
        return places.size();
      }
      if (Tiers.durable(to.tier())) {
        tenancy.beforeDurablePut(
            blocks.stream().map(block -> block.header().key().chunk()).distinct().toList());
      }
      int stored = to.put(blocks);
      counters.wrote(to.tier(), stored);
      for (Place place : sources.subList(0, stored)) {
        place.chunk().place(place.layer(), to.tier());
        orders.entered(to.tier(), place.chunk());
      }
      return stored == sources.size() ? places.size() : places.indexOf(sources.get(stored));
    }
  }

  /** The same, but a tier that cannot write counts as full; that is logged. */
  int carryIfPossible(List<Place> places, BlockTier to) {
    try {
      return carry(places, to);
    } catch (StoreException e) {
      LOG.error("{} blocks cannot sink to {}: {}", places.size(), to.tier(), e.getMessage());
      return 0;
    }
  }

  private Optional<EncodedBlock> encode(Place place, Arena staging) {
    Chunk chunk = place.chunk();
    long handle = chunk.hotHandle(place.layer());
    if (handle != Chunk.NOT_HOT) {
      BlockGeometry geometry = tiers.geometry().block(place.layer());
      MemorySegment payload = tiers.hot().resident(handle).asSlice(0, geometry.bytes());
      return Optional.of(EncodedBlock.seal(place.key(), chunk.span(), payload));
    }
    for (BlockTier tier : tiers.lower()) {
      if (chunk.in(tier.tier(), place.layer())) {
        return encodedIn(tier, place, staging);
      }
    }
    return Optional.empty();
  }

  private static Optional<EncodedBlock> encodedIn(BlockTier tier, Place place, Arena staging) {
    List<EncodedBlock> copies = new ArrayList<>(1);
    ReadOutcome outcome =
        tier.with(
            place.key(),
            (header, payload) -> {
              MemorySegment copy =
                  staging.allocate(payload.byteSize(), BlockGeometry.ALIGNMENT).copyFrom(payload);
              copies.add(new EncodedBlock(header, copy));
            });
    return outcome instanceof ReadOutcome.Found ? Optional.of(copies.getFirst()) : Optional.empty();
  }
}
