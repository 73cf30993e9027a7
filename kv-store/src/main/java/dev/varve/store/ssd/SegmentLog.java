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
   * Begins where an earlier run ended: segments without blocks become free, the newest of the
   * others is appended to.
   *
   * @param lastSequence highest that may stand in any file
   * @param cut whether bytes behind the last block are to go
   */
  void resume(long lastSequence, boolean cut) throws IOException {
    nextSequence = lastSequence + 1;
    for (Segment segment : List.copyOf(folder.oldestFirst())) {
      if (segment.liveBlocks() == 0) {
        folder.retire(segment);
      } else {
        if (active != null) {
          active.usedToItsLength();
        }
        active = segment;
      }
    }
    if (active != null && active.length() == 0) {
      active = null; // its file is missing
    }
    if (cut) {
      trim();
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

  /** Returns once everything written is on the disk, names of files included. */
  void force() throws IOException {
    for (Segment segment : unforced) {
      segment.file.force();
    }
    folder.forceNames();
    unforced.clear();
  }

  /** Gives up on {@link #force} for what was written so far. */
  void forgetUnforced() {
    unforced.clear();
  }

  /**
   * Takes note of blocks that the index does not name any more, and takes segments that have none
   * left out of use.
   *
   * @param mark whether to mark the records left, so that no scan revives them; not needed where a
   *     newer record of the block stands elsewhere
   */
  void removed(Collection<IndexEntry> entries, boolean mark) {
    Set<Segment> touched = new LinkedHashSet<>();
    for (IndexEntry entry : entries) {
      Segment segment = folder.find(entry.location().segment());
      if (segment != null) {
        segment.removed(entry);
        touched.add(segment);
      }
    }
    for (Segment segment : touched) {
      if (segment.liveBlocks() == 0) {
        retire(segment);
      } else if (mark) {
        entries.stream()
            .filter(entry -> entry.location().segment() == segment.id)
            .forEach(entry -> mark(segment, entry));
      }
    }
  }

  private void mark(Segment segment, IndexEntry entry) {
    try (AlignedBuffers.Loan loan = buffers.take(SegmentRecordDescriptor.PAGE)) {
      MemorySegment page = loan.front(SegmentRecordDescriptor.PAGE);
      segment.file.read(page, entry.location().offset());
      if (SegmentRecordDescriptor.read(page, store) instanceof RecordReading.Sound(var record)
          && record.entry().equals(entry)) {
        SegmentRecord removed =
            new SegmentRecord(record.header(), record.location(), record.batch(), true);
        SegmentRecordDescriptor.write(removed, store, page);
        segment.file.write(page, entry.location().offset());
        unforced.add(segment);
      }
    } catch (IOException e) {
      events.failedRemovals.increment();
      log.error(
          "{} at {} cannot be marked as removed: it is gone, but comes back if the index must be"
              + " rebuilt",
          segment.path,
          entry.location().offset(),
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
