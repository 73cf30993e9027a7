package dev.varve.store.ssd;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A file whose large requests bypass the page cache and whose small ones go through it. A small
 * request past the cache waits for the disk, however little it moves; one through the cache waits
 * when the file is forced. What was written is there after the death of the process either way.
 * Linux keeps both ways coherent: a request past the cache first writes back or drops what the
 * cache has of its range, and no page belongs to two records. Thread-safe.
 */
final class TwoWayFile implements BlockFile {

  /** Most bytes of a request that goes through the cache. */
  static final long SMALL = 64 << 10;

  private final BlockFile cached;
  private final BlockFile direct;

  /** A file that is opened both ways; owns both. */
  TwoWayFile(BlockFile cached, BlockFile direct) {
    this.cached = cached;
    this.direct = direct;
  }

  private BlockFile way(long bytes) {
    return bytes <= SMALL ? cached : direct;
  }

  private BlockFile way(List<MemorySegment> pieces) {
    return way(pieces.stream().mapToLong(MemorySegment::byteSize).sum());
  }

  @Override
  public void write(MemorySegment bytes, long position) throws IOException {
    way(bytes.byteSize()).write(bytes, position);
  }

  @Override
  public void write(List<MemorySegment> pieces, long position) throws IOException {
    way(pieces).write(pieces, position);
  }

  @Override
  public void read(MemorySegment bytes, long position) throws IOException {
    way(bytes.byteSize()).read(bytes, position);
  }

  @Override
  public void read(List<MemorySegment> pieces, long position) throws IOException {
    way(pieces).read(pieces, position);
  }

  /** Of the whole file, however it was written; a write that the cache lost is an error here. */
  @Override
  public void force() throws IOException {
    cached.force();
  }

  @Override
  public void truncate(long bytes) throws IOException {
    cached.truncate(bytes);
  }

  @Override
  public void close() throws IOException {
    try (direct) {
      cached.close();
    }
  }
}
