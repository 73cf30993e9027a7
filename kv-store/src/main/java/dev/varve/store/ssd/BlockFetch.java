package dev.varve.store.ssd;

import dev.varve.store.BlockChecksum;
import dev.varve.store.BlockKey;
import dev.varve.store.BlockReader;
import dev.varve.store.ReadOutcome;
import dev.varve.store.internal.Targets;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads blocks and checks them: header, full key, place, sequence, checksum. Thread-safe. */
final class BlockFetch {

  private static final Logger log = LoggerFactory.getLogger(SsdTier.class);
  private static final ReadOutcome ABSENT = new ReadOutcome.Absent();

  private final LiveIndex index;
  private final SegmentFolder segments;
  private final StoreParts parts;

  BlockFetch(LiveIndex index, SegmentFolder segments, StoreParts parts) {
    this.index = index;
    this.segments = segments;
    this.parts = parts;
  }

  /** Delivers a block of an open file; why not, if it is damaged. */
  @FunctionalInterface
  private interface Delivery {
    Optional<String> deliver(Segment segment, IndexEntry entry) throws IOException;
  }

  /** Copies a payload to the front of {@code target}. */
  ReadOutcome read(BlockKey key, MemorySegment target) {
    return visit(key, (segment, entry) -> readInto(target, segment, entry));
  }

  /** Copies a payload whose place is known. */
  ReadOutcome read(IndexEntry entry, MemorySegment target) {
    return reported(fetch(entry, (segment, known) -> readInto(target, segment, known)));
  }

  /** Why a block whose place is known cannot be read; empty if it can. */
  Optional<String> refusal(IndexEntry entry) {
    try (AlignedBuffers.Loan loan = parts.buffers().take(entry.footprint())) {
      ReadOutcome outcome =
          fetch(
              entry, (segment, known) -> readRecord(loan.front(known.footprint()), segment, known));
      return outcome instanceof ReadOutcome.Damaged(String reason)
          ? Optional.of(reason)
          : Optional.empty();
    }
  }

  /** Shows a payload to {@code reader}. */
  ReadOutcome with(BlockKey key, BlockReader reader) {
    return visit(key, (segment, entry) -> show(reader, segment, entry));
  }

  private Optional<String> readInto(MemorySegment target, Segment segment, IndexEntry entry)
      throws IOException {
    int bytes = entry.header().payloadBytes();
    MemorySegment payload = Targets.front(target, bytes);
    if (isAligned(payload)) {
      return readStraight(payload, segment, entry);
    }
    try (AlignedBuffers.Loan loan = parts.buffers().take(entry.footprint())) {
      MemorySegment record = loan.front(entry.footprint());
      Optional<String> refusal = readRecord(record, segment, entry);
      if (refusal.isEmpty()) {
        payload.copyFrom(record.asSlice(SegmentRecordDescriptor.PAYLOAD_OFFSET, bytes));
      }
      return refusal;
    }
  }

  /** Whether the disk can put whole pages straight to {@code payload}. */
  static boolean isAligned(MemorySegment payload) {
    return payload.isNative()
        && ((payload.address() | payload.byteSize()) & (SegmentRecordDescriptor.PAGE - 1)) == 0;
  }

  private Optional<String> readStraight(MemorySegment payload, Segment segment, IndexEntry entry)
      throws IOException {
    long at = entry.location().offset();
    try (AlignedBuffers.Loan loan = parts.buffers().take(SegmentRecordDescriptor.PAGE)) {
      MemorySegment page = loan.front(SegmentRecordDescriptor.PAGE);
      segment.file.read(List.of(page, payload), at);
      Optional<String> refusal = SegmentRecordDescriptor.refusal(page, parts.store(), entry);
      return refusal.isPresent() ? refusal : payloadRefusal(payload, entry);
    }
  }

  @SuppressWarnings("restricted") // bounds the view's life by the call
  private Optional<String> show(BlockReader reader, Segment segment, IndexEntry entry)
      throws IOException {
    try (AlignedBuffers.Loan loan = parts.buffers().take(entry.footprint());
        Arena call = Arena.ofConfined()) {
      MemorySegment record = loan.front(entry.footprint());
      Optional<String> refusal = readRecord(record, segment, entry);
      if (refusal.isEmpty()) {
        int bytes = entry.header().payloadBytes();
        MemorySegment payload = record.asSlice(SegmentRecordDescriptor.PAYLOAD_OFFSET, bytes);
        reader.read(entry.header(), payload.reinterpret(bytes, call, null).asReadOnly());
      }
      return refusal;
    }
  }

  private Optional<String> readRecord(MemorySegment record, Segment segment, IndexEntry entry)
      throws IOException {
    segment.file.read(record, entry.location().offset());
    Optional<String> refusal = SegmentRecordDescriptor.refusal(record, parts.store(), entry);
    MemorySegment payload =
        record.asSlice(SegmentRecordDescriptor.PAYLOAD_OFFSET, entry.header().payloadBytes());
    return refusal.isPresent() ? refusal : payloadRefusal(payload, entry);
  }

  static Optional<String> payloadRefusal(MemorySegment payload, IndexEntry entry) {
    return BlockChecksum.crc32c(payload) == entry.header().payloadCrc()
        ? Optional.empty()
        : Optional.of("payload CRC does not match");
  }

  private ReadOutcome visit(BlockKey key, Delivery delivery) {
    while (true) {
      IndexReading found = index.find(key);
      ReadOutcome outcome = fetch(key, found, delivery);
      // A block that is removed or moved under the reader loses its record: that is no damage.
      if (!(outcome instanceof ReadOutcome.Damaged) || found.equals(index.find(key))) {
        return reported(outcome);
      }
    }
  }

  private ReadOutcome reported(ReadOutcome outcome) {
    if (outcome instanceof ReadOutcome.Damaged(String reason)) {
      parts.events().damagedReads.increment();
      log.error("SSD tier, damaged: {}", reason);
    }
    return outcome;
  }

  private ReadOutcome fetch(BlockKey key, IndexReading found, Delivery delivery) {
    return switch (found) {
      case IndexReading.Absent() -> ABSENT;
      case IndexReading.Refused(String reason) -> damaged("index", key, reason);
      case IndexReading.Sound(IndexEntry entry) when !entry.header().key().equals(key) -> ABSENT;
      case IndexReading.Sound(IndexEntry entry) -> fetch(entry, delivery);
    };
  }

  private ReadOutcome fetch(IndexEntry entry, Delivery delivery) {
    Segment segment = segments.find(entry.location().segment());
    String place =
        (segment == null ? "segment " + entry.location().segment() : segment.path)
            + " at "
            + entry.location().offset();
    BlockKey key = entry.header().key();
    if (segment == null || !segment.hold()) {
      return damaged(place, key, "the segment is gone");
    }
    try {
      return delivery
          .deliver(segment, entry)
          .map(refusal -> damaged(place, key, refusal))
          .orElseGet(() -> new ReadOutcome.Found(entry.header()));
    } catch (IOException e) {
      return damaged(place, key, e.toString());
    } finally {
      release(segment);
    }
  }

  private static ReadOutcome damaged(String place, BlockKey key, String reason) {
    return new ReadOutcome.Damaged(place + ": " + key + ": " + reason);
  }

  static void release(Segment segment) {
    try {
      segment.release();
    } catch (IOException e) {
      log.warn("{} cannot be closed", segment.path, e);
    }
  }
}
