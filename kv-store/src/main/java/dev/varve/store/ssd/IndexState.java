package dev.varve.store.ssd;

import dev.varve.store.BlockChecksum;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * What an index says of itself; its one row in the database {@code state}.
 *
 * <pre>
 *  0               8            16     20
 *  +---------------+------------+------+
 *  | last sequence | generation | CRC  |
 *  +---------------+------------+------+
 * </pre>
 *
 * @param lastSequence highest sequence of a record that the index named so far; -1 for none
 * @param generation grows by one with each transaction
 */
record IndexState(long lastSequence, long generation) {

  static final IndexState NEW = new IndexState(-1, 0);
  static final int LENGTH = 20;

  private static final int GENERATION_OFFSET = 8;
  private static final int CRC_OFFSET = 16;
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** The state after a further transaction. */
  IndexState next(long sequence) {
    return new IndexState(Math.max(lastSequence, sequence), generation + 1);
  }

  void write(MemorySegment target) {
    target.set(LONG, 0, lastSequence);
    target.set(LONG, GENERATION_OFFSET, generation);
    target.set(INT, CRC_OFFSET, BlockChecksum.crc32c(target.asSlice(0, CRC_OFFSET)));
  }

  /**
   * Reads the row.
   *
   * @throws DamagedIndexException if it fails a check
   */
  static IndexState read(MemorySegment value) {
    if (value.byteSize() != LENGTH
        || value.get(INT, CRC_OFFSET) != BlockChecksum.crc32c(value.asSlice(0, CRC_OFFSET))) {
      throw new DamagedIndexException("its state has a wrong CRC");
    }
    IndexState state = new IndexState(value.get(LONG, 0), value.get(LONG, GENERATION_OFFSET));
    if (state.lastSequence < -1 || state.generation < 0) {
      throw new DamagedIndexException("impossible " + state);
    }
    return state;
  }
}
