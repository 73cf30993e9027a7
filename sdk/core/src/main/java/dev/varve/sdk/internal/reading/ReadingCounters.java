package dev.varve.sdk.internal.reading;

import dev.varve.sdk.ReadingStats;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** What sessions chose to read: one of them, or all of a cache. Thread-safe. */
public final class ReadingCounters {

  private final @Nullable ReadingCounters all;

  private final LongAdder selected = new LongAdder();
  private final LongAdder building = new LongAdder();
  private final LongAdder whole = new LongAdder();
  private final LongAdder rowsAttended = new LongAdder();
  private final LongAdder rowsHeld = new LongAdder();
  private final LongAdder rowsSkipped = new LongAdder();
  private final LongAdder bytesScored = new LongAdder();
  private final LongAdder hotBlocks = new LongAdder();
  private final LongAdder hotBytes = new LongAdder();
  private final LongAdder prefetchedBytes = new LongAdder();
  private final LongAdder lateBytes = new LongAdder();
  private final LongAdder farBlocks = new LongAdder();
  private final LongAdder skippedBlocks = new LongAdder();
  private final LongAdder broughtUpBytes = new LongAdder();
  private final LongAdder bounds = new LongAdder();
  private final DoubleAdder boundSum = new DoubleAdder();
  private final LongAdder indexBytes = new LongAdder();
  private final LongAdder parkedRows = new LongAdder();
  private final LongAdder restored = new LongAdder();
  private final LongAdder damaged = new LongAdder();

  /** Counts for a cache. */
  public ReadingCounters() {
    this.all = null;
  }

  /** Counts for one session, and whatever it counts for {@code all} too. */
  ReadingCounters(ReadingCounters all) {
    this.all = all;
  }

  void selected(long attended, long held, long skipped, long scored) {
    selected.increment();
    rowsAttended.add(attended);
    rowsHeld.add(held);
    rowsSkipped.add(skipped);
    bytesScored.add(scored);
    if (all != null) {
      all.selected(attended, held, skipped, scored);
    }
  }

  void building() {
    building.increment();
    if (all != null) {
      all.building();
    }
  }

  void whole() {
    whole.increment();
    if (all != null) {
      all.whole();
    }
  }

  /** Rows that a session had forgotten and parked were read. */
  void parked(long rows) {
    parkedRows.add(rows);
    if (all != null) {
      all.parked(rows);
    }
  }

  void hot(long bytes) {
    hotBlocks.increment();
    hotBytes.add(bytes);
    if (all != null) {
      all.hot(bytes);
    }
  }

  void prefetched(long bytes) {
    farBlocks.increment();
    prefetchedBytes.add(bytes);
    if (all != null) {
      all.prefetched(bytes);
    }
  }

  void late(long bytes) {
    farBlocks.increment();
    lateBytes.add(bytes);
    if (all != null) {
      all.late(bytes);
    }
  }

  void skipped() {
    skippedBlocks.increment();
    if (all != null) {
      all.skipped();
    }
  }

  void broughtUp(long bytes) {
    broughtUpBytes.add(bytes);
  }

  void bounded(double share) {
    bounds.increment();
    boundSum.add(share);
    if (all != null) {
      all.bounded(share);
    }
  }

  void indexBytes(long change) {
    indexBytes.add(change);
    if (all != null) {
      all.indexBytes(change);
    }
  }

  /** An index was found beside its prefix. */
  void restored() {
    restored.increment();
    if (all != null) {
      all.restored();
    }
  }

  /** A stored index failed a check. */
  void damaged() {
    damaged.increment();
    if (all != null) {
      all.damaged();
    }
  }

  /** The counts. */
  public ReadingStats stats() {
    long sampled = bounds.sum();
    return new ReadingStats(
        selected.sum(),
        building.sum(),
        whole.sum(),
        rowsAttended.sum(),
        rowsHeld.sum(),
        rowsSkipped.sum(),
        bytesScored.sum(),
        hotBlocks.sum(),
        farBlocks.sum(),
        skippedBlocks.sum(),
        hotBytes.sum(),
        prefetchedBytes.sum(),
        lateBytes.sum(),
        broughtUpBytes.sum(),
        sampled,
        sampled == 0 ? 0 : boundSum.sum() / sampled,
        indexBytes.sum(),
        parkedRows.sum(),
        restored.sum(),
        damaged.sum());
  }
}
