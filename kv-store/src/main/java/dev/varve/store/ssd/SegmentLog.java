package dev.varve.store.ssd;

import dev.varve.store.BlockHeader;
import dev.varve.store.EncodedBlock;
import dev.varve.store.StoreException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends batches to the active segment, seals it when it is full, marks removed records, and takes
 * segments without live blocks out of use. One writer.
 */
final class SegmentLog {

  private static final Logger log = LoggerFactory.getLogger(SegmentLog.class);

  private final SegmentFolder folder;
  private final long segmentBytes;
  private final long store;
  private final AlignedBuffers buffers;
  private final SegmentWriter writer;
  private final SsdEvents events;

  /** Segments with bytes that may not be on the disk yet. */
  private final Set<Segment> unforced = new LinkedHashSet<>();

  /** Removed records that the disk did not let us mark; tried again with every force. */
  private final Set<Location> unmarked = new LinkedHashSet<>();

  private @Nullable Segment active;
  private long nextSequence;

  SegmentLog(SegmentFolder folder, long segmentBytes, StoreParts parts) {
    this.folder = folder;
    this.segmentBytes = segmentBytes;
    store = parts.store();
    buffers = parts.buffers();
    events = parts.events();
    writer = new SegmentWriter(store, segmentBytes);
  }

  /**
   * Begins where an earlier run ended: segments without blocks become free, the others end with
   * their last block, and the newest of them is appended to.
   *
   * @param lastSequence highest that may stand in any file
   */
  void resume(long lastSequence) throws IOException {
    nextSequence = lastSequence + 1;
    for (Segment segment : List.copyOf(folder.oldestFirst())) {
      if (segment.liveBlocks() == 0) {
        folder.retire(segment);
      } else {
        folder.cut(segment, segment.end());
        active = segment;
      }
    }
    if (active != null && active.length() == 0) {
      active = null; // its file is missing
    }
    folder.fitCapacity();
  }

  /** Makes records that were written visible. */
  @FunctionalInterface
  interface Commit {
    void commit(List<IndexEntry> entries) throws IOException;
  }

  /** Writes these blocks, then commits them. If anything fails the log is as it was before. */
  List<IndexEntry> append(List<EncodedBlock> blocks, Commit commit) {
    Segment before = active;
    List<Segment> begun = new ArrayList<>();
    boolean committed = false;
    try {
      List<IndexEntry> entries = write(blocks, begun);
      commit.commit(entries);
      committed = true;
      for (IndexEntry entry : entries) {
        Objects.requireNonNull(folder.find(entry.location().segment())).visible(entry);
      }
      return entries;
    } catch (IOException e) {
      throw new StoreException(
          "cannot write to "
              + folder.folder()
              + ": "
              + e.getMessage()
              + "; nothing of this batch is stored, what was stored before is untouched: make room"
              + " on the disk or check it, then put again",
          e);
    } finally {
      if (!committed) {
        rollBack(before, begun);
      }
    }
  }

  private List<IndexEntry> write(List<EncodedBlock> blocks, List<Segment> begun)
      throws IOException {
    SegmentRecord.Batch batch = new SegmentRecord.Batch(nextSequence, blocks.size());
    List<IndexEntry> entries = new ArrayList<>();
    long end = active == null ? 0 : active.end();
    for (EncodedBlock block : blocks) {
      BlockHeader header = block.header();
      long bytes = SegmentRecordDescriptor.footprint(header.payloadBytes());
      Segment segment = active;
      if (segment == null || (end > 0 && end + bytes > segmentBytes)) {
        if (segment != null) {
          writer.flush();
          folder.cut(segment, end);
        }
        segment = folder.begin();
        active = segment;
        begun.add(segment);
        end = 0;
      }
      folder.extend(segment, end + bytes);
      unforced.add(segment);
      Location location = new Location(segment.id, end, nextSequence++);
      writer.append(segment, new SegmentRecord(header, location, batch, false), block.payload());
      entries.add(new IndexEntry(header, location));
      end += bytes;
    }
    writer.flush();
    return entries;
  }

  private void rollBack(@Nullable Segment before, List<Segment> begun) {
    writer.clear();
    unforced.removeAll(begun);
    begun.forEach(folder::discard);
    active = before;
    if (before != null) {
      try {
        folder.cut(before, before.end());
      } catch (IOException e) {
        log.warn("{}: the tail of a failed batch stays until it is overwritten", before.path, e);
      }
    }
  }

  /** Returns once everything written is on the disk, names of files and marks included. */
  void force() throws IOException {
    markAgain();
    for (Segment segment : unforced) {
      segment.file.force();
    }
    folder.forceNames();
    unforced.clear();
  }

  private void markAgain() {
    if (!unmarked.isEmpty()) {
      List<Location> again = List.copyOf(unmarked);
      unmarked.clear();
      again.forEach(this::mark);
    }
  }

  /** Whether every removed record is marked so, in memory or on the disk. */
  boolean allMarked() {
    return unmarked.isEmpty();
  }

  /** Gives up on {@link #force} for what was written so far. */
  void forgetUnforced() {
    unforced.clear();
  }

  /**
   * Takes note of blocks that the index does not name any more: segments that have none left go out
   * of use, in others, and where that fails, the records are marked, so that no scan revives them.
   */
  void removed(Collection<IndexEntry> entries) {
    Set<Segment> touched = new LinkedHashSet<>();
    for (IndexEntry entry : entries) {
      Segment segment = folder.find(entry.location().segment());
      if (segment != null) {
        segment.removed(entry);
        touched.add(segment);
      }
    }
    touched.stream().filter(segment -> segment.liveBlocks() == 0).forEach(this::retire);
    entries.forEach(entry -> mark(entry.location()));
  }

  /** The record at a place, of whatever sequence; empty if there is none that is live. */
  Optional<IndexEntry> recordAt(Location place) {
    Segment segment = folder.find(place.segment());
    if (segment == null) {
      return Optional.empty();
    }
    try (AlignedBuffers.Loan loan = buffers.take(SegmentRecordDescriptor.PAGE)) {
      return readAt(segment, place, loan.front(SegmentRecordDescriptor.PAGE))
          .map(SegmentRecord::entry);
    } catch (IOException e) {
      log.error("{} at {} cannot be read", segment.path, place.offset(), e);
      return Optional.empty();
    }
  }

  private Optional<SegmentRecord> readAt(Segment segment, Location place, MemorySegment page)
      throws IOException {
    if (place.offset() + SegmentRecordDescriptor.PAGE > segment.length()) {
      return Optional.empty();
    }
    segment.file.read(page, place.offset());
    boolean anySequence = place.sequence() == IndexRows.ANY_SEQUENCE;
    return SegmentRecordDescriptor.read(page, store) instanceof RecordReading.Sound(var record)
            && !record.removed()
            && record.location().segment() == place.segment()
            && record.location().offset() == place.offset()
            && (anySequence || record.location().sequence() == place.sequence())
        ? Optional.of(record)
        : Optional.empty();
  }

  /** Marks the record at this place as removed, if it is there still. */
  void mark(Location place) {
    Segment segment = folder.find(place.segment());
    if (segment == null) {
      return;
    }
    try (AlignedBuffers.Loan loan = buffers.take(SegmentRecordDescriptor.PAGE)) {
      MemorySegment page = loan.front(SegmentRecordDescriptor.PAGE);
      Optional<SegmentRecord> found = readAt(segment, place, page);
      if (found.isPresent()) {
        SegmentRecordDescriptor.write(found.get().asRemoved(), store, page);
        segment.file.write(page, place.offset());
        unforced.add(segment);
      }
    } catch (IOException e) {
      unmarked.add(place);
      events.failedRemovals.increment();
      log.error(
          "{} at {} cannot be marked as removed: it is gone, but may come back if the process ends"
              + " before the disk takes the mark and the index is then damaged",
          segment.path,
          place.offset(),
          e);
    }
  }

  private void retire(Segment segment) {
    if (segment == active) {
      active = null;
    }
    unforced.remove(segment);
    folder.retire(segment);
  }

  /** Ends the file of the active segment at its last record. */
  void trim() throws IOException {
    if (active != null) {
      folder.cut(active, active.end());
    }
  }

  /** Appends no more to the active segment; its file ends at its last record. */
  void seal() throws IOException {
    trim();
    active = null;
  }
}
