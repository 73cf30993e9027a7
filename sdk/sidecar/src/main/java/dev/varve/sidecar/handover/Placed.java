package dev.varve.sidecar.handover;

import java.util.concurrent.locks.Condition;

/**
 * A value in a memory file, or on its way into it. What changes is guarded by the lock of its
 * {@link Shelf}.
 */
final class Placed {

  /** What is in its range. */
  enum State {
    /** Being copied by the first who asked. */
    FILLING,
    /** The value, for ever. */
    READY,
    /** Nothing: the value was damaged or lost. */
    LOST
  }

  final ShelfName name;
  final long version;
  final long offset;
  final long length;
  final Condition filled;
  State state = State.FILLING;
  int crc;
  int leases = 1;

  /** When the tiers heard last that it is used, in milliseconds since 1970. */
  long notedMillis;

  /** Nobody finds it any more; its range is free with the last lease. */
  boolean doomed;

  Placed(ShelfName name, long version, long offset, long length, Condition filled) {
    this.name = name;
    this.version = version;
    this.offset = offset;
    this.length = length;
    this.filled = filled;
  }
}
