package dev.varve.store.ssd;

import dev.varve.store.BlockChecksum;
import dev.varve.store.BlockKey;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Keys of the index's databases, and the value of {@code removals}: the sequence of the removed
 * record, big-endian, and the CRC of place and sequence, little-endian.
 */
final class IndexRows {

  static final String BLOCKS = "blocks";
  static final String PLACES = "places";
  static final String REMOVALS = "removals";
  static final String STATE = "state";

  static final int PLACE_BYTES = 2 * Long.BYTES;
  static final int REMOVAL_BYTES = Long.BYTES + Integer.BYTES;

  /** Of a removed record whose sequence is not known. */
  static final long ANY_SEQUENCE = -1;

  private static final byte STATE_KEY = 's';
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt CRC =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private IndexRows() {}

  static MemorySegment indexForm(BlockKey key, Arena arena) {
    MemorySegment bytes = arena.allocate(BlockKey.INDEX_BYTES);
    key.writeIndexForm(bytes, 0);
    return bytes;
  }

  static MemorySegment place(Location location, Arena arena) {
    return place(location.segment(), location.offset(), arena);
  }

  static MemorySegment place(long segment, long offset, Arena arena) {
    MemorySegment bytes = arena.allocate(PLACE_BYTES);
    bytes.set(LONG, 0, segment);
    bytes.set(LONG, Long.BYTES, offset);
    return bytes;
  }

  static void writePlace(Location location, MemorySegment target) {
    target.set(LONG, 0, location.segment());
    target.set(LONG, Long.BYTES, location.offset());
  }

  /** The place in a row, with a sequence. */
  static Location location(MemorySegment place, long sequence) {
    return new Location(place.get(LONG, 0), place.get(LONG, Long.BYTES), sequence);
  }

  static MemorySegment stateKey(Arena arena) {
    return arena.allocateFrom(ValueLayout.JAVA_BYTE, STATE_KEY);
  }

  /** The value of {@code removals} for a removed record. */
  static MemorySegment removal(Location location, Arena arena) {
    MemorySegment row = arena.allocate(PLACE_BYTES + REMOVAL_BYTES);
    row.copyFrom(place(location, arena));
    row.set(LONG, PLACE_BYTES, location.sequence());
    long end = PLACE_BYTES + Long.BYTES;
    row.set(CRC, end, BlockChecksum.crc32c(row.asSlice(0, end)));
    return row.asSlice(PLACE_BYTES);
  }

  /**
   * The record that a row of {@code removals} speaks of.
   *
   * @throws DamagedIndexException if the row fails a check
   */
  static Location removal(MemorySegment place, MemorySegment value) {
    if (place.byteSize() != PLACE_BYTES || value.byteSize() != REMOVAL_BYTES) {
      throw new DamagedIndexException("a removal of another length");
    }
    Location location = location(place, value.get(LONG, 0));
    try (Arena arena = Arena.ofConfined()) {
      if (removal(location, arena).mismatch(value) != -1) {
        throw new DamagedIndexException("a removal has a wrong CRC");
      }
    }
    return location;
  }
}
