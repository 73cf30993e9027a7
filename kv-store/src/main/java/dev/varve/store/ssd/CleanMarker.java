package dev.varve.store.ssd;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/**
 * The file CLEAN of a store: written when it is closed, taken away when it is opened. It holds
 * length and CRC32C of the index file, so that damage done in between is seen before LMDB maps it.
 */
final class CleanMarker {

  private static final int PIECE = 1 << 20;

  private final Path marker;
  private final Path indexFile;

  CleanMarker(StoreFolder folder) {
    marker = folder.root().resolve("CLEAN");
    indexFile = folder.indexFile();
  }

  /** What the marker says of the index file. */
  enum State {
    /** There is none: the store was not closed. */
    ABSENT,
    /** The index file is as it was when the store was closed. */
    MATCHES,
    /** The index file was changed or damaged since, or is gone. */
    DIFFERS
  }

  State judge() throws IOException {
    if (!Files.exists(marker)) {
      return State.ABSENT;
    }
    String found = new String(Files.readAllBytes(marker), StandardCharsets.UTF_8);
    return Files.exists(indexFile) && found.equals(describe(indexFile))
        ? State.MATCHES
        : State.DIFFERS;
  }

  /**
   * Returns once the marker is gone from the disk: one that came back after a loss of power would
   * hide what was put behind an index that is still the same.
   */
  void remove() throws IOException {
    Files.deleteIfExists(marker);
    DiskFiles.BUFFERED.forceFolder(marker.toAbsolutePath().resolveSibling(""));
  }

  /** Marks the store as closed; the index must be, too. */
  void write() throws IOException {
    DurableFile.write(marker, marker.resolveSibling("CLEAN.new"), describe(indexFile));
  }

  private static String describe(Path file) throws IOException {
    CRC32C crc = new CRC32C();
    long length = 0;
    byte[] piece = new byte[PIECE];
    try (InputStream bytes = Files.newInputStream(file)) {
      for (int read = bytes.read(piece); read >= 0; read = bytes.read(piece)) {
        crc.update(piece, 0, read);
        length += read;
      }
    }
    return "index %d %08x%n".formatted(length, crc.getValue());
  }
}
