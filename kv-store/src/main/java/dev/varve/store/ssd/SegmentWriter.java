package dev.varve.store.ssd;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Gathers records and writes many of them in one request, whose places in memory and in the file,
 * and whose lengths, are multiples of a page. One thread.
 */
final class SegmentWriter {

  private static final long LARGEST_STAGING = 16L << 20;
  private static final long SMALLEST_STAGING = 64L << 10;

  /** The system takes 1,024 at once. */
  private static final int MOST_PIECES = 512;

  private static final long NO_RUN = -1;

  private final long store;
  private final long stagingBytes;
  private @Nullable MemorySegment staging;
  private @Nullable Segment segment;
  private long position;

  /** What the next write takes, in order: payloads where they lie, all else in the staging. */
  private final List<MemorySegment> pieces = new ArrayList<>();

  /** Bytes of {@link #pieces}. */
  private long gathered;

  /** Bytes of the staging that are in use. */
  private long filled;

  /** Where the last piece begins in the staging; {@link #NO_RUN} if it is a payload, or none. */
  private long run = NO_RUN;

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

  /**
   * Adds a record; it is in the file after the next {@link #flush} at the latest. Until then the
   * payload must stay as it is: where it lies on whole pages it is written from there.
   */
  void append(Segment to, SegmentRecord record, MemorySegment payload) throws IOException {
    if (to != segment || position + gathered != record.location().offset()) {
      flush();
      segment = to;
      position = record.location().offset();
    }
    if (gathered + SegmentRecordDescriptor.PAGE > stagingBytes || pieces.size() >= MOST_PIECES) {
      flush();
    }
    MemorySegment page = staged(SegmentRecordDescriptor.PAGE);
    SegmentRecordDescriptor.write(record, store, page);
    if (isAligned(payload)) {
      gather(payload);
    } else {
      copy(payload);
    }
  }

  private static boolean isAligned(MemorySegment payload) {
    return payload.isNative()
        && ((payload.address() | payload.byteSize()) & (SegmentRecordDescriptor.PAGE - 1)) == 0;
  }

  private void copy(MemorySegment payload) throws IOException {
    for (long from = 0; from < payload.byteSize(); ) {
      if (filled == stagingBytes || gathered >= stagingBytes) {
        flush();
      }
      long piece = Math.min(payload.byteSize() - from, stagingBytes - filled);
      long padded =
          Math.ceilDiv(piece, (long) SegmentRecordDescriptor.PAGE) * SegmentRecordDescriptor.PAGE;
      MemorySegment target = staged(padded);
      MemorySegment.copy(payload, from, target, 0, piece);
      target.asSlice(piece).fill((byte) 0);
      from += piece;
    }
  }

  /** The next bytes of the staging memory, as the next to be written. */
  private MemorySegment staged(long bytes) {
    if (staging == null) {
      staging = Arena.ofAuto().allocate(stagingBytes, SegmentRecordDescriptor.PAGE);
    }
    MemorySegment place = staging.asSlice(filled, bytes);
    filled += bytes;
    gathered += bytes;
    if (run == NO_RUN) {
      run = filled - bytes;
      pieces.add(place);
    } else {
      pieces.set(pieces.size() - 1, staging.asSlice(run, filled - run));
    }
    return place;
  }

  private void gather(MemorySegment payload) {
    pieces.add(payload);
    gathered += payload.byteSize();
    run = NO_RUN;
  }

  /** Writes what was gathered. */
  void flush() throws IOException {
    if (segment != null && gathered > 0) {
      segment.file.write(pieces, position);
      position += gathered;
      forget();
    }
  }

  private void forget() {
    pieces.clear();
    gathered = 0;
    filled = 0;
    run = NO_RUN;
  }

  /** Forgets what was gathered. */
  void clear() {
    segment = null;
    forget();
  }
}
