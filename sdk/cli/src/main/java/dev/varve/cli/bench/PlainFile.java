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

/** The probe of a disk: one file, written and read from its beginning to its end. */
final class PlainFile {

  private static final long PIECE_BYTES = 1L << 20;
  private static final long PAGE = 4096;
  private static final double SECOND = 1e9;

  private final Path path;

  PlainFile(Path path) {
    this.path = path;
  }

  /** Bytes a second of writing {@code bytes} to a new file, synced after every {@code batch}. */
  double write(MemorySegment bytes, long batch) throws IOException {
    long started = System.nanoTime();
    try (FileChannel channel =
        FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (long at = 0; at < bytes.byteSize(); at += batch) {
        long count = Math.min(batch, bytes.byteSize() - at);
        ByteBuffer piece = bytes.asSlice(at, count).asByteBuffer();
        while (piece.hasRemaining()) {
          channel.write(piece);
        }
        channel.force(false);
      }
    }
    return bytes.byteSize() * SECOND / (System.nanoTime() - started);
  }

  /** Bytes a second of reading the file past the page cache. */
  double readDirect() throws IOException {
    return read(StandardOpenOption.READ, direct());
  }

  /** By name, for javac refuses to be quiet about a type of the module jdk.unsupported. */
  private static OpenOption direct() throws IOException {
    try {
      Class<?> options = Class.forName("com.sun.nio.file.ExtendedOpenOption");
      return Arrays.stream(options.getEnumConstants())
          .filter(option -> option.toString().equals("DIRECT"))
          .map(OpenOption.class::cast)
          .findFirst()
          .orElseThrow(() -> new IOException("this JDK has no direct reads"));
    } catch (ClassNotFoundException e) {
      throw new IOException("this JDK has no direct reads: add the module jdk.unsupported", e);
    }
  }

  /** Bytes a second of reading the file as usual. */
  double read() throws IOException {
    return read(StandardOpenOption.READ);
  }

  private double read(OpenOption... options) throws IOException {
    try (Arena arena = Arena.ofConfined();
        FileChannel channel = FileChannel.open(path, options)) {
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
