package dev.varve.store;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongUnaryOperator;

/**
 * Where the layers of a live chunk are and who holds it. One number guards its life: holds, or that
 * it rests (a row of the catalog knows everything), or that it is retired. Only who holds it
 * changes words, so that nothing changes while it goes to rest. Thread-safe.
 */
final class ChunkState {

  /** The state of every chunk that a row describes. */
  static final ChunkState RESTING = new ChunkState(0, ChunkState.AT_REST);

  private static final int RETIRED = -1;
  private static final int AT_REST = -2;

  private final AtomicLongArray words;
  private final AtomicInteger holds;
  private final AtomicInteger listed = new AtomicInteger();

  private ChunkState(int layers, int holds) {
    this.words = new AtomicLongArray(layers);
    this.holds = new AtomicInteger(holds);
  }

  /** Nowhere and held by nobody. */
  static ChunkState fresh(int layers) {
    return new ChunkState(layers, 0);
  }

  /** Retired, and nowhere. */
  static ChunkState gone(int layers) {
    return new ChunkState(layers, RETIRED);
  }

  int layers() {
    return words.length();
  }

  long word(int layer) {
    return words.get(layer);
  }

  void set(int layer, long word) {
    words.set(layer, word);
  }

  boolean change(int layer, long from, long to) {
    return words.compareAndSet(layer, from, to);
  }

  void change(int layer, LongUnaryOperator change) {
    words.updateAndGet(layer, change);
  }

  int listed() {
    return listed.get();
  }

  void setListed(int tiers) {
    listed.set(tiers);
  }

  /** Sets or clears the bit of a tier; false if it was so before. */
  boolean list(Tier tier, boolean now) {
    int before = listed.getAndUpdate(old -> now ? old | tier.bit() : old & ~tier.bit());
    return (before & tier.bit()) != 0 != now;
  }

  /** One hold more; false if the chunk rests or is retired. */
  boolean hold() {
    int seen;
    do {
      seen = holds.get();
      if (seen < 0) {
        return false;
      }
    } while (!holds.compareAndSet(seen, seen + 1));
    return true;
  }

  /** One hold less; how many are left, or a negative number if there was none. */
  int release() {
    int seen;
    do {
      seen = holds.get();
      if (seen <= 0) {
        return -1;
      }
    } while (!holds.compareAndSet(seen, seen - 1));
    return seen - 1;
  }

  boolean held() {
    return holds.get() > 0;
  }

  boolean resting() {
    return holds.get() == AT_REST;
  }

  boolean retired() {
    return holds.get() == RETIRED;
  }

  /** Ends the chunk's life unless it is held; true for one caller at most. */
  boolean retire() {
    return holds.compareAndSet(0, RETIRED);
  }

  /** Stops all change, unless the chunk is held. */
  boolean rest() {
    return holds.compareAndSet(0, AT_REST);
  }

  /** Takes {@link #rest} back. */
  void stay() {
    holds.set(0);
  }
}
