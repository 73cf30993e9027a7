package dev.varve.store.ssd;

import dev.varve.store.StoreException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * The folder of a store, locked:
 *
 * <pre>
 *  FORMAT      "varve ssd" and the version of everything in the folder
 *  LOCK        locked while a store is open; holds the process id
 *  index/      the LMDB environment
 *  segments/   the segment files
 * </pre>
 */
final class StoreFolder implements AutoCloseable {

  /** Version written, and the only one read. */
  static final int VERSION = 1;

  private static final String FORMAT = "FORMAT";
  private static final String FORMAT_BEING_WRITTEN = "FORMAT.new";
  private static final String PREFIX = "varve ssd ";

  private final Path index;
  private final Path segments;
  private final FolderLock lock;

  private StoreFolder(Path folder, FolderLock lock) throws IOException {
    this.lock = lock;
    index = Files.createDirectories(folder.resolve("index"));
    segments = Files.createDirectories(folder.resolve("segments"));
  }

  static StoreFolder open(Path folder) {
    try {
      Files.createDirectories(folder);
      FolderLock lock = FolderLock.acquire(folder);
      boolean opened = false;
      try {
        checkFormat(folder);
        StoreFolder store = new StoreFolder(folder, lock);
        store.refuseSegmentsWithoutIndex();
        opened = true;
        return store;
      } finally {
        if (!opened) {
          lock.close();
        }
      }
    } catch (FileAlreadyExistsException e) {
      throw new StoreException(
          "cannot open a store in " + folder + ": it is a file: name a folder", e);
    } catch (AccessDeniedException e) {
      throw new StoreException(
          "cannot open the store in "
              + folder
              + ": no permission for "
              + e.getFile()
              + ": grant this user read and write access",
          e);
    } catch (IOException e) {
      throw new StoreException(
          "cannot open the store in "
              + folder
              + ": "
              + e
              + ": name a folder on a writable disk with room",
          e);
    }
  }

  Path index() {
    return index;
  }

  Path segments() {
    return segments;
  }

  private static void checkFormat(Path folder) throws IOException {
    Path file = folder.resolve(FORMAT);
    if (!Files.exists(file)) {
      refuseForeignFiles(folder);
      Path written = Files.writeString(folder.resolve(FORMAT_BEING_WRITTEN), format());
      Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
      return;
    }
    String found = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    if (!found.equals(format())) {
      String version = found.startsWith(PREFIX) ? found.substring(PREFIX.length()) : found;
      throw new StoreException(
          "the store in "
              + folder
              + " has format version "
              + version.strip()
              + ", this program reads and writes version "
              + VERSION
              + ": use the program that wrote it, or another folder");
    }
  }

  private static String format() {
    return PREFIX + VERSION + "\n";
  }

  private static void refuseForeignFiles(Path folder) throws IOException {
    try (DirectoryStream<Path> found = Files.newDirectoryStream(folder)) {
      for (Path path : found) {
        String name = path.getFileName().toString();
        if (!name.equals("LOCK") && !name.equals(FORMAT_BEING_WRITTEN)) {
          throw new StoreException(
              folder
                  + " is no store: it has no FORMAT file but holds "
                  + name
                  + ": name an empty folder or one that does not exist");
        }
      }
    }
  }

  /** Without its index a segment looks unused; deleting it would lose what is committed. */
  private void refuseSegmentsWithoutIndex() throws IOException {
    if (!Files.exists(index.resolve("data.mdb")) && SegmentLog.anyIn(segments)) {
      throw new StoreException(
          "the store in "
              + segments.getParent()
              + " has segment files but no index: bring back "
              + index
              + ", or delete "
              + segments
              + " to start empty");
    }
  }

  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      throw new StoreException("cannot release the lock of " + segments.getParent(), e);
    }
  }
}
