package dev.varve.offload;

import dev.varve.offload.tenancy.ChunkDropper;
import dev.varve.offload.tenancy.Tenancy;
import dev.varve.store.BlockTier;
import dev.varve.store.Chunk;
import dev.varve.store.ChunkKey;
import dev.varve.store.EncodedBlock;
import dev.varve.store.Tier;
import dev.varve.store.hot.HotPool;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Carries blocks between tiers. A lower copy is complete before the upper one is dropped; a block
 * that a session claims is never dropped from its last tier. Thread-safe: moves run on the threads
 * that ask for them, side by side, and no lock is held while bytes are copied, so that a step never
 * waits for more than it asked for, unless what it needs is being carried already.
 */
public final class Mover implements ChunkDropper, AutoCloseable {

  /**
   * A tier of which one block would take a larger part than this gets no copy of what is
   * {@linkplain #put put}.
   */
  public static final int LEAST_DIRECT_BLOCKS = 4;

  /** How often a step that found nothing to carry waits for a batch of others, beside others. */
  private static final int MOST_WAITS = 16;

  private final Tiers tiers;
  private final ChunkOrders orders;
  private final Counters counters;
  private final CopyDown copies;
  private final Underway underway = new Underway();
  private final Room room;
  private final Tenancy tenancy;
  private final Demotion demotion;
  private final Upkeep upkeep;
  private final DirectPut direct;
  private final Doorbell doorbell;
  private final long roomySlots;
  private final Lock working = new ReentrantLock();
  private final ReentrantLock alone = new ReentrantLock(true);
  private boolean open = true;

  /** A mover with default settings that nobody waits for and that knows no limits of tenants. */
  public Mover(Tiers tiers, ChunkOrders orders, Counters counters) {
    this(
        tiers,
        orders,
        counters,
        Tenancy.unlimited(tiers.catalog()),
        MoveSettings.DEFAULT,
        new Doorbell(),
        System::nanoTime);
  }

  /**
   * @param tenancy whose blocks may be stored and may leave
   * @param doorbell rung when a step leaves few hot slots free
   * @param nanoTime a clock like {@link System#nanoTime}
   */
  public Mover(
      Tiers tiers,
      ChunkOrders orders,
      Counters counters,
      Tenancy tenancy,
      MoveSettings settings,
      Doorbell doorbell,
      LongSupplier nanoTime) {
    this.tiers = tiers;
    this.counters = counters;
    this.orders = orders;
    this.tenancy = tenancy;
    this.doorbell = doorbell;
    this.copies = new CopyDown(tiers, orders, counters, tenancy, settings.retries(), nanoTime);
    LastCopies lastCopies = new LastCopies(tiers.hot());
    this.room = new Room(tiers, orders, copies, counters, tenancy, underway, lastCopies);
    this.demotion =
        new Demotion(tiers, orders, counters, copies, underway, lastCopies, room, this::keepQuotas);
    this.direct = new DirectPut(tiers, orders, counters, tenancy, copies, room, underway, this);
    this.upkeep = new Upkeep(tiers, settings, copies, underway, room, demotion, counters);
    long slots = tiers.hot().slotCount();
    this.roomySlots = slots - settings.marks(Tier.HOT).belowHigh(slots);
  }

  /**
   * Takes hot slots to fill, carrying the coldest blocks down for as long as that frees any.
   *
   * @param slots receives the handles
   * @return how many were taken, counted from the first; less than all if nothing more may leave
   */
  public int takeHotSlots(long[] slots) {
    int have = alone.isLocked() ? 0 : take(slots, MOST_WAITS);
    if (have < slots.length) {
      // Others took what was freed for this step: now they wait for it, and it holds nothing.
      giveBack(slots, have);
      alone.lock();
      try {
        have = take(slots, Integer.MAX_VALUE);
      } finally {
        alone.unlock();
      }
    }
    if (tiers.hot().freeSlots() < roomySlots) {
      doorbell.ring();
    }
    return have;
  }

  private int take(long[] slots, int mostWaits) {
    int got = fill(slots, 0);
    int wanted = slots.length - got;
    int waits = 0;
    Sacrifice yield = Sacrifice.UNPLACED;
    Underway.Others others = underway.others();
    while (got < slots.length && !othersGoAlone()) {
      MovePlan plan = demotion.plan(wanted, false, yield);
      int freed = demotion.apply(plan, yield);
      got = fill(slots, got);
      if (freed > 0) {
        wanted = slots.length - got;
        others = underway.others();
      } else if (plan.moves().size() >= wanted) {
        // Where the coldest cannot leave, warmer ones may.
        wanted *= 2;
      } else if (waits < mostWaits && others.awaitNext()) {
        waits++;
      } else if (yield == Sacrifice.UNPLACED) {
        yield = Sacrifice.WAITING;
        others = underway.others();
      } else {
        return got;
      }
    }
    return got;
  }

  private boolean othersGoAlone() {
    return alone.isLocked() && !alone.isHeldByCurrentThread();
  }

  private void giveBack(long[] slots, int have) {
    for (int i = 0; i < have; i++) {
      tiers.hot().discard(slots[i]);
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
   * Carries some blocks down ahead of need: a batch from every tier that has been above its high
   * mark and is not yet down to its low mark, and a batch of blocks that their tier refused before.
   * Again and again, from a thread of the owner's choice, or between steps. A second caller at the
   * same time finds nothing to do.
   *
   * @return blocks that left a tier or were tried again, and upkeep done there; 0 means that there
   *     is nothing to do now
   */
  public int work() {
    if (!working.tryLock()) {
      return 0;
    }
    try {
      return open ? upkeep.work() : 0;
    } finally {
      working.unlock();
    }
  }

  /**
   * Has the coldest chunk that no session claims leave HOT, if its blocks have room below.
   *
   * @return slots that became free
   */
  int displaceUnclaimed() {
    return demotion.displaceUnclaimed();
  }

  /** Which blocks would leave HOT to free {@code slots}; changes nothing. */
  public MovePlan plan(int slots) {
    return demotion.plan(slots, false, Sacrifice.UNPLACED);
  }

  /** Blocks that wait because their tier refused them for a reason that may pass. */
  public int waiting() {
    return copies.waiting();
  }

  /**
   * Copies every block of {@code chunks} that no durable tier holds to the nearest durable one, and
   * shares them with other processes where there is a tier for that; what it does not take is
   * counted.
   *
   * @return how many blocks could not be written because the tier is full
   * @throws dev.varve.store.StoreException if the tier cannot write at all
   */
  public int persist(Collection<Chunk> chunks) {
    int refused = keep(chunks);
    share(chunks);
    return refused;
  }

  private int keep(Collection<Chunk> chunks) {
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
    keepQuotas(places, tier);
    for (List<Place> batch : demotion.batches(places, tier)) {
      // What another thread carries just now must be held here, too, when this returns.
      List<Place> begun = underway.beginAll(batch);
      try {
        List<Place> missing =
            begun.stream().filter(place -> !place.chunk().in(tier.tier(), place.layer())).toList();
        room.make(index, room.footprint(tier, missing), Sacrifice.UNPLACED);
        copies.carry(missing, tier);
      } finally {
        underway.end(begun);
      }
    }
    tier.sync();
    int refused = refused(places, tier);
    counters.putsDropped(refused);
    return refused;
  }

  private void share(Collection<Chunk> chunks) {
    for (BlockTier tier : tiers.lower()) {
      if (Tiers.shared(tier.tier())) {
        List<Place> places = new ArrayList<>();
        for (Chunk chunk : chunks) {
          for (int layer = 0; layer < chunk.layers() && Tiers.shares(chunk); layer++) {
            if (chunk.anywhere(layer) && !chunk.in(tier.tier(), layer)) {
              places.add(new Place(chunk, layer));
            }
          }
        }
        share(places, tier);
      }
    }
  }

  private void share(List<Place> places, BlockTier tier) {
    for (List<Place> batch : demotion.batches(places, tier)) {
      List<Place> begun = underway.begin(batch);
      try {
        List<Place> missing =
            begun.stream().filter(place -> !place.chunk().in(tier.tier(), place.layer())).toList();
        if (copies.carry(missing, tier) < missing.size()) {
          // Who does not take one block takes the next one hardly: they are counted and left.
          counters.putsDropped(missing.size());
          return;
        }
      } finally {
        underway.end(begun);
      }
    }
  }

  private static int refused(List<Place> places, BlockTier tier) {
    return (int)
        places.stream()
            .filter(Place::exists)
            .filter(place -> !place.chunk().in(tier.tier(), place.layer()))
            .count();
  }

  /**
   * Stores blocks that were never hot, all or none of them: in the nearest durable tier, or the
   * nearest tier if none is durable, and in the tiers above it as far as there is room.
   *
   * @param chunks those of the blocks, in the same order, of one tenant; claimed by the caller, who
   *     {@linkplain #drop drops} them if they are not stored
   * @throws dev.varve.store.StoreException if the tier cannot be written
   */
  public Placed put(List<Chunk> chunks, List<EncodedBlock> blocks) {
    return direct.put(chunks, blocks);
  }

  /**
   * Puts a copy of a block of layer 0 that was read from farther away into the nearest tier below
   * HOT, if it is not there and has room.
   *
   * @param chunk of the block, claimed by the caller
   */
  public void copyNear(Chunk chunk, EncodedBlock block) {
    direct.copyNear(chunk, block);
  }

  /** Before anything is planned with them: has tenants make room for {@code places} of theirs. */
  private void keepQuotas(List<Place> places, BlockTier to) {
    Tenancy.Blocks blocks =
        each -> places.forEach(place -> each.block(place.chunk(), place.layer()));
    drop(tenancy.leaversFor(blocks, to, tiers.geometry(), tiers.catalog()));
  }

  @Override
  public Dropped drop(Collection<ChunkKey> keys) {
    return keys.isEmpty()
        ? Dropped.NOTHING
        : new ChunkDrop(tiers, orders, tenancy, underway).run(keys);
  }

  @Override
  public void sync() {
    tiers.lower().stream().filter(tier -> Tiers.durable(tier.tier())).forEach(BlockTier::sync);
  }

  /** Ends {@link #work} after the batch that is under way, for good. Idempotent. */
  @Override
  public void close() {
    working.lock();
    try {
      open = false;
    } finally {
      working.unlock();
    }
  }
}
