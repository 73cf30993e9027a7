package dev.varve.offload;

import dev.varve.store.Chunk;
import dev.varve.store.Tier;
import dev.varve.store.hot.HotPool;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Brings blocks near ahead of need, stepped by {@link #readAhead} and {@link #work}. It takes free
 * hot slots below HOT's high mark only, never one that a step would have to wait for; for prompts
 * that were announced it has chunks leave that no session claims, coldest first. The lower copies
 * of what it brings stay. Thread-safe.
 */
public final class Prefetcher implements AutoCloseable {

  private static final int BLOCKS_A_STEP = 16;

  private final Tiers tiers;
  private final HotPool hot;
  private final BlockFetcher fetcher;
  private final ChunkOrders orders;
  private final Mover mover;
  private final Counters counters;
  private final Doorbell doorbell;
  private final MoveSettings settings;
  private final AtomicInteger left;
  private final ConcurrentLinkedQueue<Prefetch> running = new ConcurrentLinkedQueue<>();
  private final Set<ReadAhead> steps = ConcurrentHashMap.newKeySet();
  private volatile boolean open = true;

  /**
   * @param mover makes room where no session needs it
   * @param doorbell rung when there is something to fetch
   */
  public Prefetcher(
      Tiers tiers,
      BlockFetcher fetcher,
      ChunkOrders orders,
      Mover mover,
      Counters counters,
      Doorbell doorbell,
      MoveSettings settings) {
    this.tiers = tiers;
    this.hot = tiers.hot();
    this.fetcher = fetcher;
    this.orders = orders;
    this.mover = mover;
    this.counters = counters;
    this.doorbell = doorbell;
    this.settings = settings;
    this.left = new AtomicInteger((int) (settings.prefetchShare() * hot.slotCount()));
  }

  /**
   * Begins to make blocks hot; it goes on with every {@link #work}.
   *
   * @param claimed their chunks, claimed by the caller; the claims pass over
   * @param wanted blocks, the most urgent first; those that are hot are passed over
   */
  public Prefetch start(List<Chunk> claimed, List<Place> wanted) {
    List<Place> far =
        wanted.stream().filter(place -> !place.chunk().in(Tier.HOT, place.layer())).toList();
    int before = left.getAndUpdate(slots -> slots - Math.min(slots, far.size()));
    int allowed = Math.min(before, far.size());
    Prefetch prefetch =
        new Prefetch(
            claimed, far.subList(0, allowed), far.size() - allowed, () -> left.addAndGet(allowed));
    keep(new ArrayList<>(List.of(prefetch)));
    doorbell.ring();
    return prefetch;
  }

  /** What a session's steps read ahead with. */
  public ReadAhead newReadAhead() {
    return new ReadAhead(this, hot, settings.readAheadBlocks());
  }

  /** Reads some blocks that running steps are about to attend; returns how many. */
  public int readAhead() {
    int read = 0;
    boolean any = !steps.isEmpty();
    while (any && read < BLOCKS_A_STEP) {
      any = false;
      for (ReadAhead step : steps) {
        if (step.step()) {
          any = true;
          read++;
        }
      }
    }
    return read;
  }

  /** Makes some announced blocks hot; returns how many. */
  public int work() {
    int fetched = 0;
    List<Prefetch> later = new ArrayList<>();
    try {
      Prefetch prefetch = running.poll();
      while (prefetch != null) {
        boolean came = false;
        try {
          came = fetch(prefetch);
        } finally {
          later.add(prefetch);
        }
        if (came) {
          fetched++;
          keep(later);
        }
        prefetch = fetched < BLOCKS_A_STEP ? running.poll() : null;
      }
    } finally {
      keep(later);
    }
    return fetched;
  }

  /** Has these go on later, behind the others. */
  private void keep(List<Prefetch> later) {
    for (Prefetch prefetch : later) {
      if (!open) {
        prefetch.cancel();
      } else if (prefetch.running()) {
        running.add(prefetch);
      }
    }
    later.clear();
  }

  private boolean fetch(Prefetch prefetch) {
    Place place = prefetch.begin();
    if (place == null) {
      return false;
    }
    boolean came = false;
    Prefetch.State otherwise = Prefetch.State.LOST;
    try {
      came = place.chunk().in(Tier.HOT, place.layer());
      if (!came) {
        long slot = slotForPrompt();
        if (slot == HotPool.NO_SLOT) {
          otherwise = Prefetch.State.RUNNING;
        } else {
          came = fetch(prefetch, place, slot);
          if (place.chunk().in(Tier.HOT, place.layer())) {
            otherwise = Prefetch.State.RUNNING;
          }
        }
      }
    } finally {
      if (came) {
        prefetch.fetched();
      } else {
        prefetch.notFetched(otherwise);
      }
    }
    return came;
  }

  private boolean fetch(Prefetch prefetch, Place place, long slot) {
    boolean came = false;
    try {
      came = read(place, slot) && prefetch.running();
    } finally {
      settle(place, slot, came);
    }
    return came;
  }

  private void settle(Place place, long slot, boolean came) {
    if (!came) {
      hot.discard(slot);
      return;
    }
    // Before it becomes hot: a block that no order knows of could never leave.
    orders.touched(place.chunk());
    hot.publish(slot);
    if (tiers.placeFetched(place.chunk(), place.layer(), slot)) {
      counters.prefetched();
    } else {
      hot.retire(slot);
    }
  }

  /** Fills {@code slot}; false if the block is lost. */
  boolean read(Place place, long slot) {
    if (!place.chunk().claim()) {
      return false;
    }
    try {
      return fetcher.read(place.chunk(), place.layer(), hot.filling(slot)).isPresent();
    } finally {
      place.chunk().unclaim();
    }
  }

  private long slotForPrompt() {
    long slot = freeSlot();
    return slot == HotPool.NO_SLOT && mover.displaceUnclaimed() > 0 ? freeSlot() : slot;
  }

  /** A slot, while HOT is below its high mark. */
  long freeSlot() {
    int slots = hot.slotCount();
    long used = (long) slots - hot.freeSlots();
    return used < settings.marks(Tier.HOT).belowHigh(slots) ? hot.allocate() : HotPool.NO_SLOT;
  }

  void enter(ReadAhead step) {
    steps.add(step);
    doorbell.ring();
  }

  void leave(ReadAhead step) {
    steps.remove(step);
  }

  /** Cancels what is running, and what is started later. Idempotent. */
  @Override
  public void close() {
    open = false;
    running.forEach(Prefetch::cancel);
    running.clear();
  }
}
