package dev.varve.store.ssd;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Gathers records in aligned memory and writes them in large pieces, whose positions and lengths
 * are multiples of a page. One thread.
 */
final class SegmentWriter {

  private static final long LARGEST_STAGING = 16L << 20;
  private static final long SMALLEST_STAGING = 64L << 10;

  private final long store;
  private final long stagingBytes;
  private @Nullable MemorySegment staging;
  private @Nullable Segment segment;
  private long position;
  private long filled;

  /**
   * A writer for records of the store with this number.
   *
   * @param largestPiece no more than this is written at once, within sensible limits
   */
  SegmentWriter(long store, long largestPiece) {
    this.store = store;
    long pages = Math.ceilDiv(largestPiece, (long) SegmentRecordDescriptor.PAGE);
    stagingBytes =
        Math.clamp(pages * SegmentRecordDescriptor.PAGE, SMALLEST_STAGING, LARGEST_STAGING);
  }

  /** Adds a record; it is in the file after the next {@link #flush} at the latest. */
  void append(Segment to, SegmentRecord record, MemorySegment payload) throws IOException {
    if (to != segment || position + filled != record.location().offset()) {
      flush();
      segment = to;
      position = record.location().offset();
    }
    MemorySegment memory = staging();
    flushIfFull();
    SegmentRecordDescriptor.write(
        record, store, memory.asSlice(filled, SegmentRecordDescriptor.PAGE));
    filled += SegmentRecordDescriptor.PAGE;
    for (long from = 0; from < payload.byteSize(); ) {
      flushIfFull();
      long piece = Math.min(payload.byteSize() - from, stagingBytes - filled);
      MemorySegment.copy(payload, from, memory, filled, piece);
      from += piece;
      filled += piece;
    }
    long padding = -filled & (SegmentRecordDescriptor.PAGE - 1);
    memory.asSlice(filled, padding).fill((byte) 0);
    filled += padding;
  }

  private MemorySegment staging() {
    if (staging == null) {
      staging = Arena.ofAuto().allocate(stagingBytes, SegmentRecordDescriptor.PAGE);
    }
    return staging;
  }

  private void flushIfFull() throws IOException {
    if (filled == stagingBytes) {
      flush();
    }
  }

  /** Writes what was gathered. */
  void flush() throws IOException {
    if (segment != null && filled > 0) {
      segment.file.write(staging().asSlice(0, filled), position);
      position += filled;
      filled = 0;
    }
  }

  /** Forgets what was gathered. */
  void clear() {
    segment = null;
    filled = 0;
  }
}
