package dev.varve.store.ssd;

/**
 * Where a record lies.
 *
 * @param segment number of the segment file
 * @param offset of the record in it, in bytes
 * @param sequence number of the record, never used twice in a store
 */
record Location(long segment, long offset, long sequence) {}
