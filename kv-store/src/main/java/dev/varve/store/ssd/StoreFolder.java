package dev.varve.store.ssd;

import dev.varve.store.StoreException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;

/**
 * The folder of a store, locked:
 *
 * <pre>
 *  FORMAT      "varve ssd", the version of everything in the folder, the store's random number
 *  LOCK        locked while a store is open; holds the process id
 *  CLEAN       only after a clean stop: length and CRC of the index file
 *  COMMIT      generation of the index
 *  index/      the LMDB environment
 *  segments/   the segment files, in use and free
 * </pre>
 */
final class StoreFolder implements AutoCloseable {

  /** Version written, and the only one read. */
  static final int VERSION = 2;

  private static final String FORMAT = "FORMAT";
  private static final String FORMAT_BEING_WRITTEN = "FORMAT.new";
  private static final String PREFIX = "varve ssd ";

  private static final String STORE = "store ";

  private final Path root;
  private final Path index;
  private final Path segments;
  private final FolderLock lock;
  private final long store;

  private StoreFolder(Path folder, FolderLock lock, long store) {
    this.lock = lock;
    this.store = store;
    root = folder;
    index = folder.resolve("index");
    segments = folder.resolve("segments");
  }

  /** Opens the store in {@code folder}, making it if there is none. */
  static StoreFolder open(Path folder) {
    return open(folder, true);
  }

  /** Opens the store in {@code folder}; if there is none, that is a {@link StoreException}. */
  static StoreFolder openExisting(Path folder) {
    if (!Files.exists(folder.resolve(FORMAT))) {
      throw new StoreException(
          "there is no store in " + folder + ": it has no file " + FORMAT + ": check the path");
    }
    return open(folder, false);
  }

  private static StoreFolder open(Path folder, boolean make) {
    try {
      if (make) {
        Files.createDirectories(folder);
      }
      FolderLock lock = FolderLock.acquire(folder);
      boolean opened = false;
      try {
        StoreFolder store = new StoreFolder(folder, lock, checkFormat(folder));
        if (make) {
          Files.createDirectories(store.index);
          Files.createDirectories(store.segments);
        }
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

  /** The number in every record of this store. */
  long store() {
    return store;
  }

  Path root() {
    return root;
  }

  Path indexFile() {
    return index.resolve("data.mdb");
  }

  /** Checks the version, after writing it where there is none; returns the store's number. */
  private static long checkFormat(Path folder) throws IOException {
    Path file = folder.resolve(FORMAT);
    if (!Files.exists(file)) {
      refuseForeignFiles(folder);
      String format = PREFIX + VERSION + "\n" + STORE + HexFormat.of().toHexDigits(random()) + "\n";
      DurableFile.write(file, folder.resolve(FORMAT_BEING_WRITTEN), format);
    }
    String found = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    List<String> lines = found.lines().toList();
    String first = lines.isEmpty() ? "" : lines.getFirst();
    if (!first.equals(PREFIX + VERSION)) {
      String version = first.startsWith(PREFIX) ? first.substring(PREFIX.length()) : first;
      throw new StoreException(
          "the store in "
              + folder
              + " has format version "
              + version.strip()
              + ", this program reads and writes version "
              + VERSION
              + ": use the program that wrote it, or another folder");
    }
    String second = lines.size() < 2 ? "" : lines.get(1);
    if (!second.matches(STORE + "[0-9a-f]{16}")) {
      throw new StoreException(file + " is damaged: bring it back, or use another folder");
    }
    return HexFormat.fromHexDigitsToLong(second.substring(STORE.length()));
  }

  private static long random() {
    return new SecureRandom().nextLong();
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

  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      throw new StoreException("cannot release the lock of " + segments.getParent(), e);
    }
  }
}
