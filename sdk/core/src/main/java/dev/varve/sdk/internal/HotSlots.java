package dev.varve.sdk.internal;

import dev.varve.sdk.HotTierFullException;
import dev.varve.store.hot.HotPool;
import java.util.Arrays;

/** Takes hot slots to fill, making room by demotion where none is free. Thread-safe. */
public final class HotSlots {

  private final CacheParts parts;

  HotSlots(CacheParts parts) {
    this.parts = parts;
  }

  /** At least one slot and at most {@code count}, or an exception that says what is short. */
  public long[] takeUpTo(int count) {
    long[] taken = new long[count];
    int have = parts.mover().takeHotSlots(taken);
    return have > 0 ? Arrays.copyOf(taken, have) : take(1);
  }

  /** All of {@code count} slots, or none and an exception that says what is short. */
  public long[] take(int count) {
    HotPool pool = parts.tiers().hot();
    long[] taken = new long[count];
    int have = parts.mover().takeHotSlots(taken);
    if (have == count) {
      return taken;
    }
    for (int i = 0; i < have; i++) {
      pool.discard(taken[i]);
    }
    throw new HotTierFullException(
        "a step needs "
            + count
            + " hot slots of "
            + pool.slotBytes()
            + " bytes and got "
            + have
            + " of "
            + pool.slotCount()
            + ": the others hold growing or leased blocks, or blocks that no lower tier has room"
            + " for. Enlarge the hot or lower tiers, close sessions, or begin steps of fewer"
            + " tokens");
  }
}
