package dev.varve.store.ssd;

import dev.varve.store.BlockHeader;

/** A block that the tier holds: what it is and where it lies. */
record IndexEntry(BlockHeader header, Location location) {

  /** Bytes of its record in the segment. */
  long footprint() {
    return SegmentRecordDescriptor.footprint(header.payloadBytes());
  }
}
