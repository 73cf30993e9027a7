package dev.varve.sdk.internal.memory;

import java.util.concurrent.atomic.LongAdder;

/** What the sessions of a cache forgot and what they hold for themselves. Thread-safe. */
public final class MemoryCounters {

  private final LongAdder compactions = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private final LongAdder rowsBefore = new LongAdder();
  private final LongAdder rowsAfter = new LongAdder();
  private final LongAdder bytesBefore = new LongAdder();
  private final LongAdder bytesAfter = new LongAdder();
  private final LongAdder oneByOne = new LongAdder();
  private final LongAdder slots = new LongAdder();
  private final LongAdder parkedChunks = new LongAdder();

  void compacted(long rows, long bytes, long rowsLeft, long bytesLeft) {
    compactions.increment();
    rowsBefore.add(rows);
    bytesBefore.add(bytes);
    rowsAfter.add(rowsLeft);
    bytesAfter.add(bytesLeft);
  }

  void leftOneByOne(long rows) {
    oneByOne.add(rows);
  }

  void slotsHeld(int change) {
    slots.add(change);
  }

  /** {@code change} more chunks are parked. */
  public void parked(int change) {
    parkedChunks.add(change);
  }

  /** A policy failed while a step ended. */
  public void failed() {
    failures.increment();
  }

  /** How often a policy failed. */
  public long failures() {
    return failures.sum();
  }

  /** Compactions done. */
  public long compactions() {
    return compactions.sum();
  }

  /** Rows of all heads and layers that sessions held before these. */
  public long rowsBefore() {
    return rowsBefore.sum();
  }

  /** Rows left by them. */
  public long rowsAfter() {
    return rowsAfter.sum();
  }

  /** Bytes of the rows before. */
  public long bytesBefore() {
    return bytesBefore.sum();
  }

  /** Bytes of the rows left. */
  public long bytesAfter() {
    return bytesAfter.sum();
  }

  /** Rows that went one by one while decoding. */
  public long leftOneByOne() {
    return oneByOne.sum();
  }

  /** Hot slots that hold private rows now. */
  public long slots() {
    return slots.sum();
  }

  /** Chunks parked now, once per session that parks them. */
  public long parkedChunks() {
    return parkedChunks.sum();
  }
}
