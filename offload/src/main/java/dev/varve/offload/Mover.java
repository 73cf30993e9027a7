package dev.varve.offload;

import dev.varve.store.BlockTier;
import dev.varve.store.Chunk;
import dev.varve.store.Tier;
import dev.varve.store.TierUsage;
import dev.varve.store.hot.HotPool;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Carries blocks between tiers. A lower copy is complete before the upper one is dropped; a block
 * that a session claims is never dropped from its last tier. Thread-safe: one move is under way at
 * a time, on the thread that asked for it.
 */
public final class Mover {

  private static final long BATCH_BYTES = 16L << 20;

  private final Tiers tiers;
  private final ChunkOrders orders;
  private final Counters counters;
  private final CopyDown copies;
  private final Room room;

  public Mover(Tiers tiers, ChunkOrders orders, Counters counters) {
    this.tiers = tiers;
    this.orders = orders;
    this.counters = counters;
    this.copies = new CopyDown(tiers, orders, counters);
    this.room = new Room(tiers, orders, copies, counters);
  }

  /**
   * Takes hot slots to fill, carrying the coldest blocks down for as long as that frees any.
   *
   * @param slots receives the handles
   * @return how many were taken, counted from the first; less than all if nothing more may leave
   */
  public int takeHotSlots(long[] slots) {
    int have = fill(slots, 0);
    if (have == slots.length) {
      return have;
    }
    synchronized (this) {
      int wanted = slots.length - have;
      while (have < slots.length) {
        MovePlan plan = plan(wanted);
        int freed = apply(plan);
        have = fill(slots, have);
        if (freed == 0 && plan.moves().size() < wanted) {
          return have;
        }
        // Where the coldest cannot leave, warmer ones may.
        wanted = freed == 0 ? 2 * wanted : slots.length - have;
      }
      return have;
    }
  }

  private int fill(long[] slots, int have) {
    for (int i = have; i < slots.length; i++) {
      slots[i] = tiers.hot().allocate();
      if (slots[i] == HotPool.NO_SLOT) {
        return i;
      }
    }
    return slots.length;
  }

  /**
   * Carries blocks down ahead of need: from every tier that is above its high mark, until it is at
   * its low mark or nothing more may leave. For a thread of the owner's choice, or between steps.
   *
   * @return blocks that left a tier and upkeep done there; 0 means that there was nothing to do
   */
  public synchronized int work(Watermarks marks) {
    HotPool hot = tiers.hot();
    int slots = hot.slotCount();
    int moved = apply(plan((int) marks.excess(slots - hot.freeSlots(), slots)));
    for (int index = 0; index < tiers.lower().size(); index++) {
      BlockTier tier = tiers.lower().get(index);
      TierUsage before = tier.usage();
      long excess = marks.excess(before.usedBytes(), before.capacityBytes());
      if (excess > 0) {
        room.make(index, before.capacityBytes() - before.usedBytes() + excess);
        moved += Math.toIntExact(Math.max(0, before.blocks() - tier.usage().blocks()));
      }
      moved += tier.work();
    }
    return moved;
  }

  /** Which blocks would leave HOT to free {@code slots}; changes nothing. */
  public MovePlan plan(int slots) {
    List<Move> moves = new ArrayList<>();
    orders
        .hot()
        .victims(chunk -> {
          for (int layer = 0; layer < chunk.layers() && moves.size() < slots; layer++) {
            long handle = chunk.hotHandle(layer);
            if (handle != Chunk.NOT_HOT && !tiers.hot().leased(handle)) {
              moves.add(new Move(chunk, layer, handle));
            }
          }
          return moves.size() >= slots;
        });
    return new MovePlan(moves, slots);
  }

  /** Returns how many slots became free. */
  private int apply(MovePlan plan) {
    List<Place> leaving =
        plan.moves().stream().map(move -> new Place(move.chunk(), move.layer())).toList();
    carry(leaving, 0);
    return plan.moves().stream().mapToInt(this::leaveHot).sum();
  }

  /** Returns how many slots became free. */
  private int leaveHot(Move move) {
    if (!move.hasLowerCopy()) {
      return room.forget(move.chunk());
    }
    if (!tiers.hot().retire(move.hotHandle())) {
      return 0;
    }
    move.chunk().dropHot(move.layer(), move.hotHandle());
    return 1;
  }

  /** Has {@code places} held by the nearest tier from {@code index} down that has room for them. */
  private void carry(List<Place> places, int index) {
    if (index == tiers.lower().size()) {
      counters.putsDropped(places.size());
      return;
    }
    BlockTier tier = tiers.lower().get(index);
    List<Place> missing =
        places.stream().filter(place -> !place.chunk().in(tier.tier(), place.layer())).toList();
    for (List<Place> batch : batches(missing)) {
      room.make(index, batch.stream().mapToLong(place -> footprint(tier, place)).sum());
      batch.forEach(place -> place.chunk().startMove(place.layer(), tier.tier()));
      int done = copies.carryIfPossible(batch, tier);
      batch.forEach(place -> place.chunk().endMove(place.layer()));
      carry(batch.subList(done, batch.size()).stream().filter(this::onlyHot).toList(), index + 1);
    }
  }

  private boolean onlyHot(Place place) {
    return !place.heldBelow(Tier.HOT);
  }

  /**
   * Copies every block of {@code chunks} that no durable tier holds to the nearest durable one.
   *
   * @return how many blocks could not be written because the tier is full
   * @throws dev.varve.store.StoreException if the tier cannot write at all
   */
  public synchronized int persist(Collection<Chunk> chunks) {
    for (int index = 0; index < tiers.lower().size(); index++) {
      BlockTier tier = tiers.lower().get(index);
      if (Tiers.durable(tier.tier())) {
        return persist(chunks, index);
      }
    }
    return 0;
  }

  private int persist(Collection<Chunk> chunks, int index) {
    BlockTier tier = tiers.lower().get(index);
    List<Place> places = new ArrayList<>();
    for (Chunk chunk : chunks) {
      for (int layer = 0; layer < chunk.layers(); layer++) {
        if (chunk.anywhere(layer) && !chunk.in(tier.tier(), layer)) {
          places.add(new Place(chunk, layer));
        }
      }
    }
    int refused = 0;
    for (List<Place> batch : batches(places)) {
      room.make(index, batch.stream().mapToLong(place -> footprint(tier, place)).sum());
      refused += batch.size() - copies.carry(batch, tier);
    }
    tier.sync();
    counters.putsDropped(refused);
    return refused;
  }

  private List<List<Place>> batches(List<Place> places) {
    List<List<Place>> batches = new ArrayList<>();
    int size = Math.toIntExact(Math.max(1, BATCH_BYTES / tiers.geometry().largestBlock()));
    for (int from = 0; from < places.size(); from += size) {
      batches.add(places.subList(from, Math.min(places.size(), from + size)));
    }
    return batches;
  }

  private long footprint(BlockTier tier, Place place) {
    return tier.footprint(Math.toIntExact(tiers.geometry().block(place.layer()).bytes()));
  }
}
