package dev.varve.offload;

import dev.varve.offload.tenancy.ChunkDropper;
import dev.varve.offload.tenancy.Tenancy;
import dev.varve.store.BlockTier;
import dev.varve.store.Chunk;
import dev.varve.store.ChunkKey;
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
public final class Mover implements ChunkDropper {

  private static final long BATCH_BYTES = 16L << 20;

  private final Tiers tiers;
  private final ChunkOrders orders;
  private final Counters counters;
  private final CopyDown copies;
  private final Room room;
  private final Tenancy tenancy;

  /** A mover that knows no limits of tenants. */
  public Mover(Tiers tiers, ChunkOrders orders, Counters counters) {
    this(tiers, orders, counters, Tenancy.unlimited(tiers.catalog()));
  }

  /**
   * @param tenancy whose blocks may be stored and may leave
   */
  public Mover(Tiers tiers, ChunkOrders orders, Counters counters, Tenancy tenancy) {
    this.tiers = tiers;
    this.orders = orders;
    this.counters = counters;
    this.tenancy = tenancy;
    this.copies = new CopyDown(tiers, orders, counters, tenancy);
    this.room = new Room(tiers, orders, copies, counters, tenancy);
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
    keepQuotas(leaving, 0);
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
      counters.putsDropped(refused(batch.subList(0, done)));
      carry(batch.subList(done, batch.size()).stream().filter(this::onlyHot).toList(), index + 1);
    }
  }

  /** How many of these blocks, which are not lost, lie in no tier below HOT. */
  private int refused(List<Place> places) {
    return (int) places.stream().filter(this::onlyHot).filter(Mover::exists).count();
  }

  private static int refused(List<Place> places, BlockTier tier) {
    return (int)
        places.stream()
            .filter(place -> exists(place) && !place.chunk().in(tier.tier(), place.layer()))
            .count();
  }

  private static boolean exists(Place place) {
    return place.chunk().anywhere(place.layer());
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
    keepQuotas(places, index);
    for (List<Place> batch : batches(places)) {
      room.make(index, batch.stream().mapToLong(place -> footprint(tier, place)).sum());
      copies.carry(batch, tier);
    }
    tier.sync();
    int refused = refused(places, tier);
    counters.putsDropped(refused);
    return refused;
  }

  /** Before anything is planned with them: has tenants make room for {@code places} of theirs. */
  private void keepQuotas(List<Place> places, int index) {
    if (index < tiers.lower().size()) {
      Tenancy.Blocks blocks =
          each -> places.forEach(place -> each.block(place.chunk(), place.layer()));
      drop(tenancy.leaversFor(blocks, tiers.lower().get(index), tiers.geometry(), tiers.catalog()));
    }
  }

  @Override
  public synchronized Dropped drop(Collection<ChunkKey> keys) {
    return keys.isEmpty() ? Dropped.NOTHING : new ChunkDrop(tiers, orders, tenancy).run(keys);
  }

  @Override
  public void sync() {
    tiers.lower().stream().filter(tier -> Tiers.durable(tier.tier())).forEach(BlockTier::sync);
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
