package dev.varve.offload;

import dev.varve.offload.tenancy.ChunkDropper;
import dev.varve.offload.tenancy.Tenancy;
import dev.varve.store.BlockTier;
import dev.varve.store.Chunk;
import dev.varve.store.EncodedBlock;
import dev.varve.store.Tenant;
import java.util.ArrayList;
import java.util.List;

/**
 * Stores what never was hot: pieces of objects. They go to the tier that keeps them when the
 * process ends, and a copy to the nearer ones, which answer faster. Thread-safe.
 */
final class DirectPut {

  /** A tier that lacks a run of free memory for a large block gets one by freeing more. */
  private static final int MOST_TRIES = 4;

  private final Tiers tiers;
  private final ChunkOrders orders;
  private final Counters counters;
  private final Tenancy tenancy;
  private final CopyDown copies;
  private final Room room;
  private final Underway underway;
  private final ChunkDropper dropper;

  DirectPut(
      Tiers tiers,
      ChunkOrders orders,
      Counters counters,
      Tenancy tenancy,
      CopyDown copies,
      Room room,
      Underway underway,
      ChunkDropper dropper) {
    this.tiers = tiers;
    this.orders = orders;
    this.counters = counters;
    this.tenancy = tenancy;
    this.copies = copies;
    this.room = room;
    this.underway = underway;
    this.dropper = dropper;
  }

  /** See {@link Mover#put}. */
  Placed put(List<Chunk> chunks, List<EncodedBlock> blocks) {
    int home = home();
    BlockTier tier = tiers.lower().get(home);
    Tenant tenant = chunks.getFirst().key().tenant();
    long bytes = footprint(tier, blocks);
    dropper.drop(tenancy.leaversFor(tenant, bytes));
    Placed placed = Placed.NO_ROOM;
    long capacity = tier.usage().capacityBytes();
    if (!Tiers.durable(tier.tier()) && blocks.stream().anyMatch(block -> !fits(tier, block))) {
      return placed;
    }
    long wanted = bytes;
    for (int i = 0; i < MOST_TRIES && placed == Placed.NO_ROOM && wanted <= capacity; i++) {
      room.make(home, wanted, Sacrifice.UNPLACED);
      placed = copies.admitting(() -> write(tier, tenant, bytes, chunks, blocks));
      wanted *= 2;
    }
    if (placed == Placed.STORED) {
      for (int above = 0; above < home; above++) {
        copy(above, chunks, blocks);
      }
    } else {
      counters.putsDropped(blocks.size());
    }
    return placed;
  }

  /** See {@link Mover#copyNear}. */
  void copyNear(Chunk chunk, EncodedBlock block) {
    BlockTier nearest = tiers.lower().getFirst();
    if (!chunk.in(nearest.tier(), 0) && home() > 0 && fits(nearest, block)) {
      // Whoever takes the old copy away is to be done with it before there is a new one.
      List<Place> begun = underway.begin(List.of(new Place(chunk, 0)));
      try {
        if (!begun.isEmpty()) {
          copy(0, List.of(chunk), List.of(block));
        }
      } finally {
        underway.end(begun);
      }
    }
  }

  private int home() {
    int count = tiers.lower().size();
    for (int index = 0; index < count; index++) {
      if (Tiers.durable(tiers.lower().get(index).tier())) {
        return index;
      }
    }
    return 0;
  }

  private Placed write(
      BlockTier tier, Tenant tenant, long bytes, List<Chunk> chunks, List<EncodedBlock> blocks) {
    if (!tenancy.admits(tenant, bytes)) {
      return Placed.ABOVE_QUOTA;
    }
    if (Tiers.durable(tier.tier())) {
      tenancy.beforeDurablePut(chunks.stream().map(Chunk::key).toList());
    }
    int stored = tier.put(blocks);
    if (stored < blocks.size()) {
      tier.remove(blocks.subList(0, stored).stream().map(block -> block.header().key()).toList());
      return Placed.NO_ROOM;
    }
    entered(tier, chunks, blocks);
    return Placed.STORED;
  }

  /** Copies what a nearer tier has room for. */
  private void copy(int index, List<Chunk> chunks, List<EncodedBlock> blocks) {
    BlockTier tier = tiers.lower().get(index);
    List<Chunk> fitting = new ArrayList<>();
    List<EncodedBlock> small = new ArrayList<>();
    for (int i = 0; i < blocks.size(); i++) {
      if (fits(tier, blocks.get(i))) {
        fitting.add(chunks.get(i));
        small.add(blocks.get(i));
      }
    }
    room.make(index, footprint(tier, small), Sacrifice.UNPLACED);
    int stored = tier.put(small);
    entered(tier, fitting.subList(0, stored), small.subList(0, stored));
  }

  /** Whether a tier that is no home of large blocks takes this one. */
  private static boolean fits(BlockTier tier, EncodedBlock block) {
    long most = tier.usage().capacityBytes() / Mover.LEAST_DIRECT_BLOCKS;
    return tier.footprint(block.header().payloadBytes()) <= most;
  }

  private void entered(BlockTier tier, List<Chunk> chunks, List<EncodedBlock> blocks) {
    for (int i = 0; i < chunks.size(); i++) {
      long bytes = blocks.get(i).header().payloadBytes();
      counters.wrote(tier.tier(), bytes, bytes);
      chunks.get(i).place(0, tier.tier());
      orders.entered(tier.tier(), chunks.get(i));
    }
  }

  private static long footprint(BlockTier tier, List<EncodedBlock> blocks) {
    return blocks.stream().mapToLong(block -> tier.footprint(block.header().payloadBytes())).sum();
  }
}
