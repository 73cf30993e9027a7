package dev.varve.store.ssd;

import dev.varve.store.BlockHeader;
import dev.varve.store.EncodedBlock;
import dev.varve.store.StoreException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The segment files of a store: appends batches to the active one, seals it when it is full,
 * deletes those without live blocks. One writer; {@link #find} and {@link #oldestFirst} are for
 * all.
 */
final class SegmentLog implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(SegmentLog.class);
  private static final String SUFFIX = ".segment";

  private final Path folder;
  private final long segmentBytes;
  private final BlockFiles files;
  private final ConcurrentSkipListMap<Long, Segment> segments = new ConcurrentSkipListMap<>();
  private @Nullable Segment active;
  private long nextId;
  private long nextSequence;

  /** A log over the files in {@code folder}, none of which is appended to any more. */
  SegmentLog(Path folder, long segmentBytes, BlockFiles files) {
    this.folder = folder;
    this.segmentBytes = segmentBytes;
    this.files = files;
  }

  /** Whether {@code folder} holds segment files. */
  static boolean anyIn(Path folder) throws IOException {
    try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
      return found.iterator().hasNext();
    }
  }

  /** Counts a block that the index of an earlier run names. */
  void restore(IndexEntry entry) throws IOException {
    long id = entry.location().segment();
    Segment segment = segments.get(id);
    if (segment == null) {
      Path path = path(id);
      if (!Files.exists(path)) {
        log.error("{} is missing: its blocks are lost, reading one is a miss", path);
      }
      segment = new Segment(id, 0, path, files.open(path));
      segments.put(id, segment);
    }
    segment.committed(entry);
    nextId = Math.max(nextId, id + 1);
    nextSequence = Math.max(nextSequence, entry.location().sequence() + 1);
  }

  /** Deletes files that no restored block lies in: what an interrupted batch left. */
  void deleteUnnamed() throws IOException {
    Set<Path> named = new HashSet<>();
    segments.values().forEach(segment -> named.add(segment.path));
    try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
      for (Path path : found) {
        if (!named.contains(path)) {
          log.info("{} holds no committed block: deleted", path);
          files.delete(path);
        }
      }
    }
  }

  /**
   * Writes these blocks, waits until they are on the disk, then commits them. If anything fails the
   * log is as it was before.
   *
   * @param commit makes the entries visible; called once
   */
  List<IndexEntry> append(List<EncodedBlock> blocks, Consumer<List<IndexEntry>> commit) {
    Segment before = active;
    List<Segment> begun = new ArrayList<>();
    boolean committed = false;
    try {
      List<IndexEntry> entries = write(blocks, begun);
      commit.accept(entries);
      committed = true;
      for (IndexEntry entry : entries) {
        Objects.requireNonNull(segments.get(entry.location().segment())).committed(entry);
      }
      return entries;
    } catch (IOException e) {
      throw new StoreException(
          "cannot write to "
              + folder
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
    Set<Segment> touched = new LinkedHashSet<>();
    List<IndexEntry> entries = new ArrayList<>();
    long end = active == null ? 0 : active.end();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment page =
          arena.allocate(SegmentRecordDescriptor.PAGE, SegmentRecordDescriptor.PAGE);
      for (EncodedBlock block : blocks) {
        long bytes = SegmentRecordDescriptor.footprint(block.header().payloadBytes());
        Segment segment = active;
        if (segment == null || (end > 0 && end + bytes > segmentBytes)) {
          segment = begin();
          begun.add(segment);
          end = 0;
        }
        Location location = new Location(segment.id, end, nextSequence++);
        writeRecord(segment, location, block, page);
        touched.add(segment);
        entries.add(new IndexEntry(block.header(), location));
        end += bytes;
      }
    }
    for (Segment segment : touched) {
      segment.file.force();
    }
    return entries;
  }

  private static void writeRecord(
      Segment segment, Location location, EncodedBlock block, MemorySegment page)
      throws IOException {
    BlockHeader header = block.header();
    SegmentRecordDescriptor.write(header, location.sequence(), segment.epoch, page);
    segment.file.write(page, location.offset());
    long payload = location.offset() + SegmentRecordDescriptor.PAYLOAD_OFFSET;
    segment.file.write(block.payload(), payload);
    long padding =
        SegmentRecordDescriptor.footprint(header.payloadBytes())
            - SegmentRecordDescriptor.PAYLOAD_OFFSET
            - header.payloadBytes();
    if (padding > 0) {
      page.fill((byte) 0);
      segment.file.write(page.asSlice(0, padding), payload + header.payloadBytes());
    }
  }

  private Segment begin() throws IOException {
    long id = nextId++;
    Path path = path(id);
    Segment segment = new Segment(id, nextSequence, path, files.create(path));
    segments.put(id, segment);
    active = segment;
    return segment;
  }

  private void rollBack(@Nullable Segment before, List<Segment> begun) {
    begun.forEach(this::drop);
    active = before;
    if (before != null) {
      try {
        before.file.truncate(before.end());
      } catch (IOException e) {
        log.warn("{}: the tail of a failed batch stays until it is overwritten", before.path, e);
      }
    }
  }

  /** Takes note of removed blocks and deletes the segments that have none left. */
  void removed(Collection<IndexEntry> entries) {
    Set<Segment> touched = new LinkedHashSet<>();
    for (IndexEntry entry : entries) {
      Segment segment = segments.get(entry.location().segment());
      if (segment != null) {
        segment.removed(entry);
        touched.add(segment);
      }
    }
    for (Segment segment : touched) {
      if (segment.liveBytes() == 0) {
        drop(segment);
      }
    }
  }

  private void drop(Segment segment) {
    segments.remove(segment.id);
    if (segment == active) {
      active = null;
    }
    try {
      files.delete(segment.path);
      segment.release();
    } catch (IOException e) {
      log.warn("{} is not needed any more but stays until the next open", segment.path, e);
    }
  }

  /** The segment with this number; null if there is none. */
  @Nullable Segment find(long id) {
    return segments.get(id);
  }

  Collection<Segment> oldestFirst() {
    return segments.values();
  }

  private Path path(long id) {
    return folder.resolve("%016x%s".formatted(id, SUFFIX));
  }

  @Override
  public void close() {
    for (Segment segment : segments.values()) {
      try {
        segment.release();
      } catch (IOException e) {
        log.warn("{} cannot be closed", segment.path, e);
      }
    }
  }
}
