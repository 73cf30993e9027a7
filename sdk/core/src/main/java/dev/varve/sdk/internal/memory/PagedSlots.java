package dev.varve.sdk.internal.memory;

import dev.varve.store.BlockGeometry;
import dev.varve.store.hot.HotPool;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The hot slots of one layer of one session, cut into pages: a page is the stripe that one head has
 * in a block of the layer, so every slot holds as many pages as the layer has KV heads, and any
 * head may take any of them. A slot whose pages are all free goes back to the pool. For one thread
 * at a time.
 */
final class PagedSlots {

  private final HotPool pool;
  private final BlockGeometry geometry;
  private final MemoryCounters counters;
  private final int perSlot;
  private long[] slots = {};
  private int[] used = {};
  private int[] free = {};
  private int freeCount;
  private int held;

  PagedSlots(HotPool pool, BlockGeometry geometry, MemoryCounters counters) {
    this(pool, geometry, geometry.kvHeads(), counters);
  }

  /** Cut into {@code perSlot} pages of whatever the owner puts there. */
  PagedSlots(HotPool pool, BlockGeometry geometry, int perSlot, MemoryCounters counters) {
    this.pool = pool;
    this.geometry = geometry;
    this.counters = counters;
    this.perSlot = perSlot;
  }

  /** Slots to {@link #add} before {@code pages} pages can be taken. */
  int slotsFor(int pages) {
    return Math.max(0, Math.ceilDiv(pages - freeCount, perSlot));
  }

  /** Slots held now. */
  int held() {
    return held;
  }

  /** Takes over a slot that the caller allocated. */
  void add(long slot) {
    int index = hole();
    slots[index] = slot;
    used[index] = 0;
    held++;
    if (free.length < held * perSlot) {
      free = Arrays.copyOf(free, Math.max(2 * free.length, held * perSlot));
    }
    for (int stripe = perSlot - 1; stripe >= 0; stripe--) {
      free[freeCount++] = index * perSlot + stripe;
    }
    counters.slotsHeld(1);
  }

  private int hole() {
    for (int i = 0; i < slots.length; i++) {
      if (slots[i] == HotPool.NO_SLOT) {
        return i;
      }
    }
    int index = slots.length;
    slots = Arrays.copyOf(slots, Math.max(4, 2 * index));
    Arrays.fill(slots, index, slots.length, HotPool.NO_SLOT);
    used = Arrays.copyOf(used, slots.length);
    return index;
  }

  /** A free page. */
  int take() {
    int page = free[--freeCount];
    used[page / perSlot]++;
    return page;
  }

  /** Gives a page back. */
  void give(int page) {
    int index = page / perSlot;
    if (--used[index] > 0) {
      free[freeCount++] = page;
      return;
    }
    int kept = 0;
    for (int i = 0; i < freeCount; i++) {
      if (free[i] / perSlot != index) {
        free[kept++] = free[i];
      }
    }
    freeCount = kept;
    release(index);
  }

  private void release(int index) {
    pool.discard(slots[index]);
    slots[index] = HotPool.NO_SLOT;
    held--;
    counters.slotsHeld(-1);
  }

  /** The block that the page is a stripe of. */
  MemorySegment block(int page) {
    return pool.filling(slots[page / perSlot]);
  }

  /** Which stripe of the block the page is. */
  int stripe(int page) {
    return page % perSlot;
  }

  /** Where the blocks have their stripes. */
  BlockGeometry geometry() {
    return geometry;
  }

  /** Gives every slot back. */
  void clear() {
    for (int index = 0; index < slots.length; index++) {
      if (slots[index] != HotPool.NO_SLOT) {
        release(index);
      }
    }
    freeCount = 0;
  }
}
