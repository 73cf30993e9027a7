package dev.varve.offload;

import dev.varve.store.BlockTier;
import dev.varve.store.Tier;
import dev.varve.store.TierUsage;
import dev.varve.store.hot.HotPool;
import java.util.ArrayList;
import java.util.List;

/**
 * What is done ahead of need: tiers above their high mark are emptied down to their low mark, batch
 * by batch, and blocks that a tier refused are tried again. For one thread at a time.
 */
final class Upkeep {

  private final Tiers tiers;
  private final CopyDown copies;
  private final Underway underway;
  private final Room room;
  private final Demotion demotion;
  private final Counters counters;
  private final Draining hot;
  private final List<Draining> lower = new ArrayList<>();

  Upkeep(
      Tiers tiers,
      MoveSettings settings,
      CopyDown copies,
      Underway underway,
      Room room,
      Demotion demotion,
      Counters counters) {
    this.tiers = tiers;
    this.copies = copies;
    this.underway = underway;
    this.room = room;
    this.demotion = demotion;
    this.counters = counters;
    this.hot = new Draining(settings.marks(Tier.HOT));
    tiers.lower().forEach(tier -> lower.add(new Draining(settings.marks(tier.tier()))));
  }

  /** A batch for each tier; returns blocks moved and upkeep done, 0 for nothing. */
  int work() {
    int done = drainHot();
    int below = 0;
    for (int index = 0; index < tiers.lower().size(); index++) {
      below += drain(index);
      below += tryAgain(index);
      below += tiers.lower().get(index).work();
    }
    if (below > 0) {
      // What had nowhere to go may have now.
      hot.progressed();
      lower.forEach(Draining::progressed);
    }
    return done + below;
  }

  private int drainHot() {
    HotPool pool = tiers.hot();
    int used = pool.slotCount() - pool.freeSlots();
    long excess = hot.excess(used, pool.slotCount());
    if (excess == 0) {
      return 0;
    }
    int batch = tiers.lower().isEmpty() ? 1 : demotion.batchBlocks(tiers.lower().getFirst());
    MovePlan plan =
        demotion.plan(Math.toIntExact(Math.min(excess, batch)), true, Sacrifice.UNPLACED);
    int freed = demotion.apply(plan, Sacrifice.UNPLACED);
    note(hot, freed, used);
    return freed;
  }

  private int drain(int index) {
    BlockTier tier = tiers.lower().get(index);
    TierUsage before = tier.usage();
    Draining draining = lower.get(index);
    long excess = draining.excess(before.usedBytes(), before.capacityBytes());
    if (excess == 0) {
      return 0;
    }
    long batch = demotion.batchBlocks(tier) * tiers.geometry().largestBlock();
    long free = before.capacityBytes() - before.usedBytes();
    room.make(index, free + Math.min(excess, batch), Sacrifice.UNPLACED);
    int left = Math.toIntExact(Math.max(0, before.blocks() - tier.usage().blocks()));
    note(draining, left, before.usedBytes());
    return left;
  }

  private static void note(Draining draining, int left, long used) {
    if (left == 0) {
      draining.vain(used);
    } else {
      draining.progressed();
    }
  }

  private int tryAgain(int index) {
    BlockTier tier = tiers.lower().get(index);
    RetryQueue queue = copies.retries(tier);
    List<Place> due = queue.due(demotion.batchBlocks(tier));
    if (due.isEmpty()) {
      return 0;
    }
    List<Place> begun = underway.begin(due);
    try {
      List<Place> missing =
          begun.stream().filter(place -> !place.chunk().in(tier.tier(), place.layer())).toList();
      room.make(index, room.footprint(tier, missing), Sacrifice.UNPLACED);
      int done = copies.carryOrWait(missing, tier);
      counters.retried(missing.size());
      queue.triedInVain(missing.subList(done, missing.size()));
      settleOthers(queue, due, missing);
    } finally {
      underway.end(begun);
    }
    return due.size();
  }

  /** What is held by now, or forgotten, waits no more. */
  private static void settleOthers(RetryQueue queue, List<Place> due, List<Place> missing) {
    List<Place> others = new ArrayList<>(due);
    others.removeAll(missing);
    queue.settled(others);
  }
}
