package dev.varve.store.ssd;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * A disk that records what was forced. At a chosen change the power fails: every call fails from
 * then on, and {@link #settle} leaves in the real folder what was forced, and of everything else a
 * random part, page by page.
 */
final class PowerLossFiles implements BlockFiles {

  private static final int PAGE = SegmentRecordDescriptor.PAGE;

  /** A file's pages on the disk, and those that only its cache holds. */
  private static final class Content {
    private final Map<Long, byte[]> forced = new TreeMap<>();
    private final Map<Long, byte[]> cached = new TreeMap<>();
    private long forcedLength;
    private long length;
  }

  private final Map<Path, Content> names = new HashMap<>();
  private Map<Path, Content> forcedNames = new HashMap<>();
  private final boolean lies;
  private long left;
  private boolean dark;

  /**
   * A disk whose power fails after some changes.
   *
   * @param lies whether {@link BlockFile#force} does nothing
   */
  PowerLossFiles(long changes, boolean lies) {
    left = changes;
    this.lies = lies;
  }

  /** Whether the power has failed. */
  synchronized boolean dark() {
    return dark;
  }

  synchronized void fail() {
    dark = true;
  }

  private void spend() throws IOException {
    if (dark || left-- == 0) {
      dark = true;
      throw new IOException("the power failed");
    }
  }

  @Override
  public synchronized BlockFile create(Path path) throws IOException {
    spend();
    Files.createFile(path);
    names.put(path, new Content());
    return open(path);
  }

  @Override
  public BlockFile open(Path path) {
    return new Recorded(path, DiskFiles.BUFFERED.open(path));
  }

  @Override
  public synchronized void rename(Path from, Path to) throws IOException {
    spend();
    DiskFiles.BUFFERED.rename(from, to);
    names.put(to, content(from));
    names.remove(from);
  }

  @Override
  public synchronized void delete(Path path) throws IOException {
    spend();
    DiskFiles.BUFFERED.delete(path);
    names.remove(path);
  }

  @Override
  public synchronized void forceFolder(Path folder) throws IOException {
    spend();
    if (!lies) {
      forcedNames = new HashMap<>(names);
    }
  }

  @Override
  public String mode() {
    return "a disk that loses power";
  }

  private Content content(Path path) {
    return names.computeIfAbsent(path, _ -> new Content());
  }

  /** Leaves in {@code folder} what the disk holds after the power failed. */
  synchronized void settle(Path folder, SplittableRandom random) throws IOException {
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    boolean namesKept = random.nextBoolean();
    for (Map.Entry<Path, Content> named : (namesKept ? names : forcedNames).entrySet()) {
      settle(named.getKey(), named.getValue(), random);
    }
  }

  private static void settle(Path path, Content content, SplittableRandom random)
      throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      boolean grown = random.nextBoolean();
      file.setLength(grown ? Math.max(content.length, content.forcedLength) : content.forcedLength);
      write(file, content.forced, random, 1);
      write(file, content.cached, random, random.nextDouble());
    }
  }

  private static void write(
      RandomAccessFile file, Map<Long, byte[]> pages, SplittableRandom random, double part)
      throws IOException {
    for (Map.Entry<Long, byte[]> page : pages.entrySet()) {
      if (page.getKey() + PAGE <= file.length() && random.nextDouble() < part) {
        file.seek(page.getKey());
        file.write(page.getValue());
      }
    }
  }

  private final class Recorded implements BlockFile {
    private final Path path;
    private final BlockFile disk;

    Recorded(Path path, BlockFile disk) {
      this.path = path;
      this.disk = disk;
    }

    @Override
    public void write(MemorySegment bytes, long position) throws IOException {
      synchronized (PowerLossFiles.this) {
        spend();
        Content content = content(path);
        List<Long> offsets = new ArrayList<>();
        for (long at = 0; at < bytes.byteSize(); at += PAGE) {
          offsets.add(at);
        }
        for (long at : offsets) {
          content.cached.put(position + at, bytes.asSlice(at, PAGE).toArray(ValueLayout.JAVA_BYTE));
        }
        content.length = Math.max(content.length, position + bytes.byteSize());
      }
      disk.write(bytes, position);
    }

    @Override
    public void read(MemorySegment bytes, long position) throws IOException {
      disk.read(bytes, position);
    }

    @Override
    public void force() throws IOException {
      synchronized (PowerLossFiles.this) {
        spend();
        Content content = content(path);
        if (!lies) {
          content.forced.putAll(content.cached);
          content.cached.clear();
          content.forcedLength = content.length;
          content.forced.keySet().removeIf(at -> at >= content.length);
        }
      }
    }

    @Override
    public void truncate(long bytes) throws IOException {
      synchronized (PowerLossFiles.this) {
        spend();
        Content content = content(path);
        content.length = Math.min(content.length, bytes);
        content.cached.keySet().removeIf(at -> at >= bytes);
      }
      disk.truncate(bytes);
    }

    @Override
    public void close() throws IOException {
      disk.close();
    }
  }
}
