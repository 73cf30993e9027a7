package dev.varve.offload;

import dev.varve.offload.tenancy.Tenancy;
import dev.varve.store.BlockKey;
import dev.varve.store.BlockTier;
import dev.varve.store.Chunk;
import dev.varve.store.TierUsage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Makes room in the tiers below HOT: what leaves a tier is held farther away first, or belongs to
 * no session. Thread-safe: in one tier, one thread makes room at a time, and it may go on to the
 * next tier.
 */
final class Room {

  private final Tiers tiers;
  private final ChunkOrders orders;
  private final CopyDown copies;
  private final Counters counters;
  private final Tenancy tenancy;
  private final Underway underway;
  private final LastCopies lastCopies;
  private final List<Lock> making = new ArrayList<>();

  Room(
      Tiers tiers,
      ChunkOrders orders,
      CopyDown copies,
      Counters counters,
      Tenancy tenancy,
      Underway underway,
      LastCopies lastCopies) {
    this.tiers = tiers;
    this.orders = orders;
    this.copies = copies;
    this.counters = counters;
    this.tenancy = tenancy;
    this.underway = underway;
    this.lastCopies = lastCopies;
    tiers.lower().forEach(_ -> making.add(new ReentrantLock(true)));
  }

  /** Tries to have {@code bytes} free in tier {@code index} of the lower tiers. */
  void make(int index, long bytes, Sacrifice yield) {
    if (missing(index, bytes) > 0) {
      making.get(index).lock();
      try {
        long missing = missing(index, bytes);
        long before = Long.MAX_VALUE;
        // How much an encoded block frees is known once it is gone.
        while (missing > 0 && missing < before) {
          before = missing;
          free(index, missing, yield);
          missing = missing(index, bytes);
        }
      } finally {
        making.get(index).unlock();
      }
    }
  }

  private long missing(int index, long bytes) {
    TierUsage usage = tiers.lower().get(index).usage();
    return usage.usedBytes() + bytes - usage.capacityBytes();
  }

  private void free(int index, long missing, Sacrifice yield) {
    BlockTier tier = tiers.lower().get(index);
    TierOrder order = orders.of(tier.tier());
    if (order == null) {
      reclaim(tier, missing, yield);
    } else {
      sink(index, order, missing, yield);
    }
  }

  /** Has chunks leave in the tier's order; what no deeper tier holds is carried there first. */
  private void sink(int index, TierOrder order, long missing, Sacrifice yield) {
    BlockTier tier = tiers.lower().get(index);
    List<Chunk> leavers = new ArrayList<>();
    List<Place> leaving = leaving(tier, order, missing, leavers);
    if (index + 1 < tiers.lower().size()) {
      boolean shared = Tiers.shared(tiers.lower().get(index + 1).tier());
      carry(
          leaving.stream()
              .filter(place -> !place.heldBelow(tier.tier()))
              .filter(place -> !shared || Tiers.shares(place.chunk()))
              .toList(),
          index + 1,
          yield);
    }
    remove(tier, leaving, yield);
    for (Chunk chunk : leavers) {
      if (heldIn(tier, chunk)) {
        order.entered(chunk);
      }
    }
  }

  private void carry(List<Place> places, int index, Sacrifice yield) {
    if (places.isEmpty()) {
      return;
    }
    BlockTier to = tiers.lower().get(index);
    List<Place> begun = underway.begin(places);
    try {
      make(index, footprint(to, begun), yield);
      int done = copies.carryOrWait(begun, to);
      List<Place> left = begun.subList(done, begun.size());
      counters.putsDropped((int) left.stream().filter(place -> !copies.waits(place)).count());
    } finally {
      underway.end(begun);
    }
  }

  /** Bytes that {@code places} take in {@code tier}. */
  long footprint(BlockTier tier, List<Place> places) {
    return places.stream().mapToLong(place -> footprint(tier, place.chunk(), place.layer())).sum();
  }

  private List<Place> leaving(BlockTier tier, TierOrder order, long bytes, List<Chunk> leavers) {
    List<Place> places = new ArrayList<>();
    long found = 0;
    while (found < bytes) {
      Optional<Chunk> leaver = order.leaver();
      if (leaver.isEmpty()) {
        return places;
      }
      leavers.add(leaver.get());
      for (int layer = 0; layer < leaver.get().layers(); layer++) {
        if (leaver.get().in(tier.tier(), layer)) {
          places.add(new Place(leaver.get(), layer));
          found += footprint(tier, leaver.get(), layer);
        }
      }
    }
    return places;
  }

  private static boolean heldIn(BlockTier tier, Chunk chunk) {
    for (int layer = 0; layer < chunk.layers(); layer++) {
      if (chunk.in(tier.tier(), layer)) {
        return true;
      }
    }
    return false;
  }

  private long footprint(BlockTier tier, Chunk chunk, int layer) {
    return tier.footprint(Math.toIntExact(tiers.payloadBytes(chunk, layer)));
  }

  private void reclaim(BlockTier tier, long missing, Sacrifice yield) {
    List<Place> leaving = new ArrayList<>();
    for (BlockKey key : tier.reclaimable(missing)) {
      @Nullable Chunk chunk = tiers.catalog().peek(key.chunk());
      if (chunk != null) {
        leaving.add(new Place(chunk, key.layer()));
      }
    }
    remove(tier, leaving, yield);
  }

  /**
   * Drops copies in {@code tier}. Where that was the last one, the whole chunk is forgotten, unless
   * a session claims it or its tenant has this room for itself: then the copy stays.
   */
  private void remove(BlockTier tier, List<Place> places, Sacrifice yield) {
    boolean durable = Tiers.durable(tier.tier());
    // What is kept must be where a restart finds it.
    List<Place> free =
        places.stream().filter(place -> !durable || !tenancy.keeps(place.chunk())).toList();
    List<Place> begun = underway.begin(free);
    List<Place> last;
    try {
      last = lastCopies.leave(tier.tier(), begun);
      List<Place> left = new ArrayList<>(begun);
      left.removeAll(Set.copyOf(last));
      tier.remove(keys(tier, left));
    } finally {
      underway.end(begun);
    }
    for (Place place : last) {
      if (!tenancy.keeps(place.chunk())) {
        giveUp(place, yield);
      }
    }
  }

  private void giveUp(Place place, Sacrifice yield) {
    switch (yield) {
      case NOTHING -> {}
      case UNPLACED -> {
        if (!copies.waits(place)) {
          forget(place.chunk());
        }
      }
      case WAITING -> forget(place.chunk());
    }
  }

  /**
   * Drops all of {@code chunk} unless a session claims it; returns how many hot slots that freed.
   */
  int forget(Chunk chunk) {
    List<Place> places = Place.all(chunk);
    int[] freed = {0};
    underway.runAlone(places, () -> freed[0] = forget(chunk, places));
    return freed[0];
  }

  private int forget(Chunk chunk, List<Place> places) {
    if (!tiers.catalog().forget(chunk)) {
      return 0;
    }
    orders.forgotten(chunk);
    tenancy.forgotten(chunk);
    int freed = 0;
    for (int layer = 0; layer < chunk.layers(); layer++) {
      long handle = chunk.hotHandle(layer);
      freed += handle != Chunk.NOT_HOT && tiers.hot().retire(handle) ? 1 : 0;
    }
    for (BlockTier tier : tiers.lower()) {
      tier.remove(
          keys(
              tier,
              places.stream().filter(place -> chunk.in(tier.tier(), place.layer())).toList()));
    }
    return freed;
  }

  private List<BlockKey> keys(BlockTier tier, List<Place> places) {
    return places.stream()
        .flatMap(place -> tiers.variants().keys(place.chunk(), place.layer(), tier.tier()).stream())
        .toList();
  }
}
