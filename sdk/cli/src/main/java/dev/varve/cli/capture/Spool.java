package dev.varve.cli.capture;

import dev.varve.store.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A temporary file that turns rows as they come, token by token, into tensors ordered by head,
 * without holding them in memory. For one thread.
 */
final class Spool implements AutoCloseable {

  private static final int PIECE_BYTES = 1 << 20;

  private final FileChannel channel;

  private Spool(FileChannel channel) {
    this.channel = channel;
  }

  /** A file in {@code folder}, for its owner only, that vanishes when closed. */
  static Spool in(Path folder) throws IOException {
    Path file = Files.createTempFile(folder, "varve-capture-", ".partial");
    return new Spool(
        FileChannel.open(
            file,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.DELETE_ON_CLOSE));
  }

  void write(long at, MemorySegment bytes) throws IOException {
    ByteBuffer buffer = bytes.asByteBuffer();
    for (long position = at; buffer.hasRemaining(); ) {
      position += channel.write(buffer, position);
    }
  }

  /** Appends bytes {@code [from, from + count)} to a tensor of {@code target}. */
  void copy(long from, long count, SafetensorsWriter target, String tensor) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment piece = arena.allocate(Math.min(PIECE_BYTES, count));
      for (long done = 0; done < count; ) {
        MemorySegment part = piece.asSlice(0, Math.min(piece.byteSize(), count - done));
        read(from + done, part.asByteBuffer());
        target.append(tensor, part);
        done += part.byteSize();
      }
    }
  }

  private void read(long at, ByteBuffer buffer) throws IOException {
    long position = at;
    while (buffer.hasRemaining()) {
      int count = channel.read(buffer, position);
      if (count < 0) {
        throw new IOException("the temporary file ends at byte " + position);
      }
      position += count;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
