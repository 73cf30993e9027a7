package dev.varve.store.ssd;

import dev.varve.store.BlockKey;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.lmdbjava.Dbi;
import org.lmdbjava.Env;
import org.lmdbjava.EnvFlags;
import org.lmdbjava.Txn;

/** Reaches behind a store's back. */
final class SsdFiles {

  private SsdFiles() {}

  static Location locate(SsdTier tier, BlockKey key) {
    if (tier.index().find(key) instanceof IndexReading.Sound(IndexEntry entry)) {
      return entry.location();
    }
    throw new AssertionError(key + " is not in the index");
  }

  static Path segment(Path folder, long id) {
    return folder.resolve("segments").resolve("%016x.segment".formatted(id));
  }

  static List<Path> segments(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("segments"))) {
      return files.filter(file -> file.toString().endsWith(".segment")).sorted().toList();
    }
  }

  static void flip(Path file, long offset) throws IOException {
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      bytes.seek(offset);
      int old = bytes.read();
      bytes.seek(offset);
      bytes.write(old ^ 0x10);
    }
  }

  /** Files that wait to be used again. */
  static List<Path> free(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("segments"))) {
      return files.filter(file -> file.toString().endsWith(".free")).sorted().toList();
    }
  }

  /** Bytes of all files below the folder of segments. */
  static long bytesOnDisk(Path folder) throws IOException {
    long bytes = 0;
    try (Stream<Path> files = Files.list(folder.resolve("segments"))) {
      for (Path file : files.toList()) {
        bytes += Files.size(file);
      }
    }
    return bytes;
  }

  /** Flips a bit of an index value of a store that is closed; the store takes no notice. */
  static void flipInIndex(Path folder, BlockKey key, int offset) throws IOException {
    flipValue(folder, key, offset);
    try (StoreFolder store = StoreFolder.openExisting(folder)) {
      new CleanMarker(store).write();
    }
  }

  /** Flips a bit of every copy of an index value while the store is open. */
  static void flipValueInPlace(Path folder, Location location) throws IOException {
    Path data = folder.resolve("index/data.mdb");
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(data)).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = 0; at + 3 * Long.BYTES <= bytes.limit(); at++) {
      if (bytes.getLong(at) == location.segment()
          && bytes.getLong(at + Long.BYTES) == location.offset()
          && bytes.getLong(at + 2 * Long.BYTES) == location.sequence()) {
        flip(data, at + Long.BYTES);
      }
    }
  }

  /** Copies a store as a process leaves it that is killed now. */
  static void copyAsKilled(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path path : all.toList()) {
        Path target = to.resolve(from.relativize(path).toString());
        if (Files.isDirectory(path)) {
          Files.createDirectories(target);
        } else if (!path.endsWith("CLEAN") && !path.endsWith("lock.mdb")) {
          Files.copy(path, target, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
  }

  /** Deletes a folder and all in it. */
  static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  private static void flipValue(Path folder, BlockKey key, int offset) {
    try (Arena arena = Arena.ofConfined();
        Env<MemorySegment> env =
            Env.create(new MemorySegmentProxy())
                .setMaxDbs(4)
                .open(folder.resolve("index").toFile(), EnvFlags.MDB_NOTLS)) {
      Dbi<MemorySegment> blocks = env.openDbi("blocks");
      MemorySegment indexForm = arena.allocate(BlockKey.INDEX_BYTES);
      key.writeIndexForm(indexForm, 0);
      try (Txn<MemorySegment> txn = env.txnWrite()) {
        byte[] bytes = blocks.get(txn, indexForm).toArray(ValueLayout.JAVA_BYTE);
        bytes[offset] ^= 1;
        blocks.put(txn, indexForm, arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes));
        txn.commit();
      }
    }
  }
}
