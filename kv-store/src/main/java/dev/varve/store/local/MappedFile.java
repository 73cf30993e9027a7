package dev.varve.store.local;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/** A memory file of another process, mapped to read. Thread-safe. */
public final class MappedFile implements AutoCloseable {

  private final Arena arena;
  private final MemorySegment memory;

  private MappedFile(Arena arena, MemorySegment memory) {
    this.arena = arena;
    this.memory = memory;
  }

  /**
   * Maps a file.
   *
   * @param descriptor closed by this call
   * @param bytes length of the file, from its owner
   */
  public static MappedFile map(int descriptor, long bytes) throws IOException {
    Arena arena = Arena.ofShared();
    boolean mapped = false;
    try (Descriptor file = new Descriptor(descriptor)) {
      long length = Files.size(Path.of("/proc/self/fd/" + file.number()));
      if (length != bytes || bytes < 1) {
        throw new IOException(
            "a memory file was announced with %d bytes and has %d".formatted(bytes, length));
      }
      MemorySegment memory = Mappings.map(file.number(), bytes, false, arena).asReadOnly();
      mapped = true;
      return new MappedFile(arena, memory);
    } finally {
      if (!mapped) {
        arena.close();
      }
    }
  }

  /** All of it, until this is closed. */
  public MemorySegment memory() {
    return memory;
  }

  /** Unmaps it. Idempotent. */
  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
