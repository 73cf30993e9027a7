package dev.varve.offload.object;

import dev.varve.store.Chunk;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes the last extents of an object again, together with what is appended, where they are not
 * much longer than that. So the lengths of the extents that are left fall by half each, an object
 * that grows by many small appends has few of them, and a byte is written again only as often as
 * its extent doubles. Thread-safe.
 */
final class TailMerge {

  private final ObjectParts parts;
  private final PieceReader reader;

  TailMerge(ObjectParts parts) {
    this.parts = parts;
    this.reader = new PieceReader(parts);
  }

  /**
   * The last extent of an object that is committed.
   *
   * @param kept extents of the object before that stay as they are
   * @param bytes the extent that is to be written; may be empty
   * @param lost whether the object before cannot be read: it has to be given up
   * @param buffer that the bytes lie in
   */
  record Tail(
      int kept, MemorySegment bytes, boolean lost, Staging staging, Staging.@Nullable Buffer buffer)
      implements AutoCloseable {
    @Override
    public void close() {
      if (buffer != null) {
        staging.give(buffer);
      }
    }
  }

  /** The tail of {@code draft} behind these extents. */
  Tail of(Draft draft, List<Extent> front) {
    MemorySegment rest = draft.rest();
    int kept = front.size();
    long bytes = rest.byteSize();
    if (draft.extents().isEmpty()) {
      while (kept > 0 && joins(front.get(kept - 1), bytes)) {
        kept--;
        bytes += front.get(kept).bytes();
      }
    }
    return kept == front.size()
        ? new Tail(kept, rest, false, parts.staging(), null)
        : joined(draft, front.subList(kept, front.size()), kept, bytes);
  }

  private boolean joins(Extent last, long bytes) {
    return bytes > 0 && last.bytes() <= 2 * bytes && last.bytes() + bytes <= parts.extentBytes();
  }

  private Tail joined(Draft draft, List<Extent> again, int kept, long bytes) {
    Staging.Buffer buffer = parts.staging().take();
    MemorySegment tail = buffer.bytes().asSlice(0, bytes);
    long at = 0;
    for (Extent extent : again) {
      if (!read(draft.name(), extent, tail.asSlice(at, extent.bytes()))) {
        return new Tail(kept, MemorySegment.NULL, true, parts.staging(), buffer);
      }
      at += extent.bytes();
    }
    tail.asSlice(at).copyFrom(draft.rest());
    return new Tail(kept, tail, false, parts.staging(), buffer);
  }

  private boolean read(ObjectName name, Extent extent, MemorySegment target) {
    @Nullable Chunk chunk = parts.catalog().claim(name.extent(extent));
    if (chunk == null) {
      return false;
    }
    try {
      return reader.read(chunk, target);
    } finally {
      chunk.unclaim();
    }
  }
}
