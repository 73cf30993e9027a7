package dev.varve.store.ssd;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Files of the operating system.
 *
 * @param direct whether large reads and writes bypass the page cache (O_DIRECT): memory, positions
 *     and lengths are then multiples of 4,096
 * @param writable whether segment files may be changed
 * @param mode {@code O_DIRECT}, or {@code buffered} and why
 */
record DiskFiles(boolean direct, boolean writable, String mode) implements BlockFiles {

  private static final String PROBE = "probe.tmp";

  /** Through the page cache. */
  static final DiskFiles BUFFERED = new DiskFiles(false, true, "buffered");

  /** Past the page cache. */
  static final DiskFiles DIRECT = new DiskFiles(true, true, "O_DIRECT");

  /** Opens a file with these options. */
  @FunctionalInterface
  interface Opener {
    BlockFile open(Path path, OpenOption... options) throws IOException;
  }

  /** Direct files where the file system below {@code folder} takes them, else buffered ones. */
  static DiskFiles probe(Path folder) throws IOException {
    return probe(folder, ChannelFile::new);
  }

  static DiskFiles probe(Path folder, Opener opener) throws IOException {
    Path path = folder.resolve(PROBE);
    Files.deleteIfExists(path);
    Files.createFile(path);
    try (Arena arena = Arena.ofConfined();
        BlockFile file = opener.open(path, options(true, true))) {
      MemorySegment page =
          arena.allocate(SegmentRecordDescriptor.PAGE, SegmentRecordDescriptor.PAGE);
      file.write(page.fill((byte) 0x5A), 0);
      file.read(page.fill((byte) 0), 0);
      return page.get(ValueLayout.JAVA_BYTE, 0) == 0x5A
          ? DIRECT
          : new DiskFiles(false, true, "buffered: O_DIRECT does not give back what it wrote");
    } catch (IOException | UnsupportedOperationException e) {
      return new DiskFiles(false, true, "buffered: O_DIRECT is refused (" + e.getMessage() + ")");
    } finally {
      Files.deleteIfExists(path);
    }
  }

  /** For files that are only read: past the page cache if {@code sample} can be read that way. */
  static DiskFiles toRead(Path sample) {
    try (Arena arena = Arena.ofConfined();
        BlockFile file = new ChannelFile(sample, options(true, false))) {
      file.read(arena.allocate(SegmentRecordDescriptor.PAGE, SegmentRecordDescriptor.PAGE), 0);
      return new DiskFiles(true, false, DIRECT.mode);
    } catch (IOException | UnsupportedOperationException e) {
      return new DiskFiles(false, false, "buffered: O_DIRECT is refused (" + e.getMessage() + ")");
    }
  }

  private static OpenOption[] options(boolean direct, boolean writable) {
    List<OpenOption> options = new ArrayList<>(List.of(StandardOpenOption.READ));
    if (writable) {
      options.add(StandardOpenOption.WRITE);
    }
    if (direct) {
      options.add(
          DirectOption.find()
              .orElseThrow(
                  () -> new UnsupportedOperationException("this runtime lacks jdk.unsupported")));
    }
    return options.toArray(OpenOption[]::new);
  }

  @Override
  public BlockFile create(Path path) throws IOException {
    Files.createFile(path);
    return open(path);
  }

  @Override
  public BlockFile open(Path path) {
    ChannelFile cached = new ChannelFile(path, options(false, writable));
    return direct ? new TwoWayFile(cached, new ChannelFile(path, options(true, writable))) : cached;
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void delete(Path path) throws IOException {
    Files.deleteIfExists(path);
  }

  @Override
  public void forceFolder(Path folder) throws IOException {
    try (ChannelFile open = new ChannelFile(folder, StandardOpenOption.READ)) {
      open.force();
    }
  }
}
