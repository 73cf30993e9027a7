package dev.varve.store.ssd;

import dev.varve.store.BlockChecksum;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the records of a segment file by the file alone: walks from header to header; where there
 * is none, goes on page by page until there is one again. Records of an earlier use of the file,
 * copies at another place and records that are older than one before them are passed over.
 */
final class SegmentScan {

  private static final Logger log = LoggerFactory.getLogger(SegmentScan.class);

  /** Read at once while searching; while walking one page is enough. */
  private static final long WINDOW = 1L << 20;

  private final long store;
  private final AlignedBuffers buffers;

  SegmentScan(long store, AlignedBuffers buffers) {
    this.store = store;
    this.buffers = buffers;
  }

  /** Takes each record as it is found. */
  @FunctionalInterface
  interface Visitor {
    void visit(SegmentRecord record) throws IOException;
  }

  /**
   * Shows every record from offset {@code from} on, removed ones too.
   *
   * @return pages between records that are none of this use of the file
   */
  long forEach(Segment segment, long from, Visitor visitor) throws IOException {
    long end = segment.length() / SegmentRecordDescriptor.PAGE * SegmentRecordDescriptor.PAGE;
    long strange = 0;
    long newest = -1;
    boolean searching = false;
    try (AlignedBuffers.Loan loan = buffers.take(WINDOW)) {
      long windowAt = 0;
      long windowEnd = 0;
      for (long at = from; at < end; ) {
        if (at < windowAt || at >= windowEnd) {
          long bytes = Math.min(searching ? WINDOW : SegmentRecordDescriptor.PAGE, end - at);
          segment.file.read(loan.front(bytes), at);
          windowAt = at;
          windowEnd = at + bytes;
        }
        MemorySegment page =
            loan.front(windowEnd - windowAt).asSlice(at - windowAt, SegmentRecordDescriptor.PAGE);
        if (SegmentRecordDescriptor.read(page, store) instanceof RecordReading.Sound(var record)
            && record.location().segment() == segment.id
            && record.location().offset() == at
            && at + record.footprint() <= end) {
          if (record.location().sequence() > newest) {
            newest = record.location().sequence();
            visitor.visit(record);
          }
          at += record.footprint();
          searching = false;
        } else {
          strange++;
          at += SegmentRecordDescriptor.PAGE;
          searching = true;
        }
      }
    }
    return strange;
  }

  /** Whether the payload of {@code record} can be read and has its checksum. */
  boolean payloadIsSound(Segment segment, SegmentRecord record) {
    int bytes = record.header().payloadBytes();
    long padded = record.footprint() - SegmentRecordDescriptor.PAYLOAD_OFFSET;
    try (AlignedBuffers.Loan loan = buffers.take(padded)) {
      long at = record.location().offset() + SegmentRecordDescriptor.PAYLOAD_OFFSET;
      segment.file.read(loan.front(padded), at);
      return BlockChecksum.crc32c(loan.front(bytes)) == record.header().payloadCrc();
    } catch (IOException e) {
      log.error("{} at {} cannot be read", segment.path, record.location().offset(), e);
      return false;
    }
  }
}
