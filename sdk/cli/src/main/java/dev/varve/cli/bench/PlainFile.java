package dev.varve.cli.bench;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The probe of a disk, as {@code dd bs=1M oflag=direct conv=fdatasync} does it: one file, written
 * and read from its beginning to its end past the page cache, in pieces of 1 MiB, synced once.
 */
final class PlainFile {

  private static final long PIECE_BYTES = 1L << 20;
  private static final long PAGE = 4096;
  private static final double SECOND = 1e9;

  private final Path path;
  private final List<OpenOption> options;

  private PlainFile(Path path, List<OpenOption> options) {
    this.path = path;
    this.options = options;
  }

  /** An existing file; through the page cache where the file system knows no other way. */
  static PlainFile of(Path path) {
    List<OpenOption> cached = List.of(StandardOpenOption.READ, StandardOpenOption.WRITE);
    Optional<OpenOption> direct = direct();
    if (direct.isPresent()) {
      List<OpenOption> all = List.of(cached.get(0), cached.get(1), direct.get());
      try (FileChannel channel = FileChannel.open(path, all.toArray(OpenOption[]::new))) {
        return new PlainFile(path, channel.isOpen() ? all : cached);
      } catch (IOException | UnsupportedOperationException e) {
        return new PlainFile(path, cached);
      }
    }
    return new PlainFile(path, cached);
  }

  /** By name, for javac refuses to be quiet about a type of the module jdk.unsupported. */
  private static Optional<OpenOption> direct() {
    try {
      Class<?> options = Class.forName("com.sun.nio.file.ExtendedOpenOption");
      return Arrays.stream(options.getEnumConstants())
          .filter(option -> option.toString().equals("DIRECT"))
          .map(OpenOption.class::cast)
          .findFirst();
    } catch (ClassNotFoundException e) {
      return Optional.empty();
    }
  }

  /** Bytes a second of writing page-aligned {@code bytes} over the file. */
  double write(MemorySegment bytes) throws IOException {
    long started = System.nanoTime();
    try (FileChannel channel = FileChannel.open(path, options.toArray(OpenOption[]::new))) {
      for (long at = 0; at < bytes.byteSize(); at += PIECE_BYTES) {
        long count = Math.min(PIECE_BYTES, bytes.byteSize() - at);
        ByteBuffer piece = bytes.asSlice(at, count).asByteBuffer();
        while (piece.hasRemaining()) {
          channel.write(piece);
        }
      }
      channel.force(false);
    }
    return bytes.byteSize() * SECOND / (System.nanoTime() - started);
  }

  /** Bytes a second of reading the file. */
  double read() throws IOException {
    try (Arena arena = Arena.ofConfined();
        FileChannel channel = FileChannel.open(path, options.toArray(OpenOption[]::new))) {
      ByteBuffer piece = arena.allocate(PIECE_BYTES, PAGE).asByteBuffer();
      long total = 0;
      long started = System.nanoTime();
      for (int count = channel.read(piece); count >= 0; count = channel.read(piece)) {
        total += count;
        piece.clear();
      }
      return total * SECOND / (System.nanoTime() - started);
    }
  }
}
