package dev.varve.store.ssd;

import dev.varve.store.BlockHeader;

/**
 * What the header page of a record says.
 *
 * @param header of the block
 * @param location where the page says that it lies
 * @param batch records that became visible together with it
 * @param removed whether the block was removed since
 */
record SegmentRecord(BlockHeader header, Location location, Batch batch, boolean removed) {

  /**
   * A row of sequence numbers.
   *
   * @param first sequence of its first record
   * @param count how many follow each other
   */
  record Batch(long first, int count) {}

  /** Bytes of the record. */
  long footprint() {
    return SegmentRecordDescriptor.footprint(header.payloadBytes());
  }

  /** The same, removed. */
  SegmentRecord asRemoved() {
    return new SegmentRecord(header, location, batch, true);
  }

  /** What the index says of it. */
  IndexEntry entry() {
    return new IndexEntry(header, location);
  }
}
