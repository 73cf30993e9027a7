package dev.varve.store.ssd;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of a store's segments: those in use, by number, and those free to be overwritten. All
 * of them together never take more than the capacity. One writer; {@link #find} and {@link
 * #oldestFirst} are for all.
 *
 * <p>A file that is used again gets a name with a new number. Numbers only grow, so the records
 * that an earlier use left in a file bear smaller ones than its name.
 */
final class SegmentFolder {

  private static final Logger log = LoggerFactory.getLogger(SegmentFolder.class);
  private static final String SUFFIX = ".segment";
  private static final String FREE = ".free";
  private static final int HEX = 16;

  private record Free(Path path, long bytes) {}

  private final Path folder;
  private final long capacityBytes;
  private final BlockFiles files;
  private final ConcurrentSkipListMap<Long, Segment> segments = new ConcurrentSkipListMap<>();
  private final Deque<Free> pool = new ArrayDeque<>();
  private final SegmentTotals totals = new SegmentTotals();
  private long poolBytes;
  private long nextId;
  private boolean namesChanged;

  /** Whether a segment was taken out of use since names were forced. */
  private boolean retired;

  /** Lists the files in {@code folder}; opens none. */
  SegmentFolder(Path folder, long capacityBytes, BlockFiles files) throws IOException {
    this.folder = folder;
    this.capacityBytes = capacityBytes;
    this.files = files;
    try (DirectoryStream<Path> found = Files.newDirectoryStream(folder)) {
      for (Path path : found) {
        take(path);
      }
    }
  }

  /** Whether {@code folder} holds segment files. */
  static boolean anyIn(Path folder) throws IOException {
    try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
      return found.iterator().hasNext();
    }
  }

  private void take(Path path) throws IOException {
    String name = path.getFileName().toString();
    long id = idOf(name);
    if (id < 0) {
      log.warn("{} is no file of a store: left alone", path);
      return;
    }
    nextId = Math.max(nextId, id + 1);
    if (name.endsWith(FREE)) {
      addFree(path, Files.size(path));
    } else {
      segments.put(id, new Segment(id, path, files.open(path), Files.size(path), totals));
    }
  }

  private void addFree(Path path, long bytes) {
    pool.add(new Free(path, bytes));
    poolBytes += bytes;
  }

  /** The number in a file's name; -1 if it has none. */
  private static long idOf(String name) {
    boolean ours =
        name.length() > HEX
            && (name.substring(HEX).equals(SUFFIX) || name.substring(HEX).equals(FREE));
    try {
      return ours ? Math.max(-1, Long.parseLong(name, 0, HEX, 16)) : -1;
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  private Path path(long id, String suffix) {
    return folder.resolve("%016x%s".formatted(id, suffix));
  }

  Path folder() {
    return folder;
  }

  /** The segment with this number; null if there is none. */
  @Nullable Segment find(long id) {
    return segments.get(id);
  }

  /** The segment with this number; one without a file if that is missing. */
  Segment named(long id) throws IOException {
    Segment segment = segments.get(id);
    if (segment == null) {
      Path path = path(id, SUFFIX);
      log.error("{} is missing: its blocks are lost, reading one is a miss", path);
      segment = new Segment(id, path, files.open(path), 0, totals);
      segments.put(id, segment);
      nextId = Math.max(nextId, id + 1);
    }
    return segment;
  }

  Collection<Segment> oldestFirst() {
    return segments.values();
  }

  /** A segment to write from offset 0 on: a free file under a new number, or a new file. */
  Segment begin() throws IOException {
    forceRetirements();
    Path path = path(nextId, SUFFIX);
    Free free = pool.peek();
    BlockFile file;
    if (free == null) {
      file = files.create(path);
    } else {
      files.rename(free.path(), path);
      pool.remove();
      poolBytes -= free.bytes();
      file = files.open(path);
    }
    namesChanged = true;
    Segment segment = new Segment(nextId, path, file, free == null ? 0 : free.bytes(), totals);
    segments.put(nextId++, segment);
    return segment;
  }

  /**
   * Before room is used again: a loss of power must not bring a segment back whose room is taken.
   */
  private void forceRetirements() throws IOException {
    if (retired) {
      forceNames();
    }
  }

  /** Accounts for writing {@code segment} up to {@code end}; free files make room where needed. */
  void extend(Segment segment, long end) throws IOException {
    if (end > segment.length()) {
      forceRetirements();
      long grown = end - segment.length();
      while (usedBytes(true) + grown > capacityBytes && !pool.isEmpty()) {
        deleteFree();
      }
      segment.length(end);
    }
  }

  /** Ends the file at {@code end} if it is longer. */
  void cut(Segment segment, long end) throws IOException {
    if (segment.length() > end) {
      segment.file.truncate(end);
      segment.length(end);
    }
  }

  /**
   * Takes a segment out of use. Its file becomes free, unless somebody still reads it. Where the
   * disk refuses, the segment stays listed, without blocks, until the next open.
   */
  void retire(Segment segment) {
    segments.remove(segment.id);
    segment.dismiss();
    try {
      if (segment.releaseUnread()) {
        Path free = path(segment.id, FREE);
        files.rename(segment.path, free);
        addFree(free, segment.length());
      } else {
        files.delete(segment.path);
        segment.release();
      }
      namesChanged = true;
      retired = true;
    } catch (IOException e) {
      log.error("{} is not needed any more but stays until the next open", segment.path, e);
      keep(segment);
    }
  }

  private void keep(Segment segment) {
    try {
      BlockFile file = files.open(segment.path);
      segments.put(
          segment.id, new Segment(segment.id, segment.path, file, segment.length(), totals));
    } catch (IOException e) {
      totals.files(segment.length());
      log.error("{} cannot be opened again", segment.path, e);
    }
  }

  /** Deletes a segment that was begun in vain; nobody has read it. */
  void discard(Segment segment) {
    segments.remove(segment.id);
    segment.dismiss();
    try {
      files.delete(segment.path);
      segment.release();
    } catch (IOException e) {
      log.warn("{} was begun in vain but stays until the next open", segment.path, e);
    }
  }

  /** Deletes free files until {@code bytes} of them are left at most; returns what that freed. */
  long shrinkPool(long bytes) throws IOException {
    long before = poolBytes;
    while (!pool.isEmpty() && poolBytes > bytes) {
      deleteFree();
    }
    return before - poolBytes;
  }

  /** Deletes free files while all files together exceed the capacity. */
  void fitCapacity() throws IOException {
    while (!pool.isEmpty() && usedBytes(true) > capacityBytes) {
      deleteFree();
    }
  }

  private void deleteFree() throws IOException {
    Free free = pool.getLast();
    files.delete(free.path());
    pool.removeLast();
    poolBytes -= free.bytes();
    namesChanged = true;
  }

  long poolBytes() {
    return poolBytes;
  }

  int poolFiles() {
    return pool.size();
  }

  /** Bytes up to the ends of the segments, or those of all files. */
  long usedBytes(boolean onDisk) {
    return onDisk ? totals.files() + poolBytes : totals.used();
  }

  /** Returns once the names of all files are on the disk. */
  void forceNames() throws IOException {
    if (namesChanged) {
      files.forceFolder(folder);
      namesChanged = false;
      retired = false;
    }
  }

  void close() {
    for (Segment segment : segments.values()) {
      try {
        segment.release();
      } catch (IOException e) {
        log.warn("{} cannot be closed", segment.path, e);
      }
    }
  }
}
