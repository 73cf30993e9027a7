package dev.varve.store.ssd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What opening a store for any purpose begins with, and closing it ends with. */
final class StoreOpening {

  private static final Logger log = LoggerFactory.getLogger(StoreOpening.class);

  private StoreOpening() {}

  /** Chooses how files below a folder are read and written. */
  @FunctionalInterface
  interface FilesOf {
    BlockFiles choose(Path folder) throws IOException;
  }

  /** Uses what was opened; closes it again if that fails. */
  @FunctionalInterface
  interface Use<T> {
    T open(StoreFolder folder, SegmentFolder segments, StoreParts parts) throws IOException;
  }

  /** Direct files where the file system takes them; says so in one line where it does not. */
  static BlockFiles filesFor(Path folder) throws IOException {
    DiskFiles files = DiskFiles.probe(folder);
    if (!files.direct()) {
      log.info("{}: {}", folder, files.mode());
    }
    return files;
  }

  /** Uses a store without changing any file but its lock. */
  static <T> T read(Path path, Use<T> use) {
    try (StoreFolder folder = StoreFolder.openExisting(path)) {
      StoreParts looking = parts(folder, DiskFiles.BUFFERED);
      SegmentFolder listed = new SegmentFolder(folder.segments(), Long.MAX_VALUE, looking.files());
      DiskFiles files =
          listed.oldestFirst().stream()
              .findFirst()
              .map(segment -> DiskFiles.toRead(segment.path))
              .orElse(DiskFiles.BUFFERED);
      SegmentFolder segments = new SegmentFolder(folder.segments(), Long.MAX_VALUE, files);
      try {
        return use.open(folder, segments, parts(folder, files));
      } finally {
        segments.close();
      }
    } catch (IOException e) {
      throw Recovery.unreadable(path, e);
    }
  }

  private static StoreParts parts(StoreFolder folder, BlockFiles files) {
    return new StoreParts(folder.store(), files, new AlignedBuffers(), new SsdEvents());
  }

  static <T> T open(StoreFolder folder, FilesOf files, long capacityBytes, Use<T> use) {
    SegmentFolder segments = null;
    boolean opened = false;
    try {
      Files.createDirectories(folder.segments());
      BlockFiles chosen = files.choose(folder.root());
      segments = new SegmentFolder(folder.segments(), capacityBytes, chosen);
      T result = use.open(folder, segments, parts(folder, chosen));
      opened = true;
      return result;
    } catch (IOException e) {
      throw Recovery.unreadable(folder.root(), e);
    } finally {
      if (!opened) {
        if (segments != null) {
          segments.close();
        }
        folder.close();
      }
    }
  }

  /**
   * Gives the folder up.
   *
   * @param clean whether everything is on the disk and the index closed
   */
  static void close(StoreFolder folder, boolean clean) {
    try {
      if (clean) {
        new CleanMarker(folder).write();
      }
    } catch (IOException e) {
      log.error("{} cannot be marked as closed: its next open checks it", folder.root(), e);
    } finally {
      folder.close();
    }
  }
}
