package dev.varve.offload.object;

import dev.varve.store.Checks;

/**
 * One immutable piece of an object.
 *
 * @param writer random number of the writer that wrote it; later versions may share it
 * @param index number of the piece among those of that writer
 * @param bytes its length, at most {@link #MAX_BYTES}
 */
record Extent(long writer, int index, int bytes) {

  /** Length of every extent but the last one of a writer, where the tiers are large enough. */
  static final int MAX_BYTES = 1 << 20;

  Extent {
    Checks.notNegative(index, "index");
    Checks.inRange(bytes, 1, MAX_BYTES, "extent bytes");
  }
}
