package dev.varve.offload.object;

import dev.varve.store.Chunk;
import dev.varve.store.object.ObjectInfo;
import dev.varve.store.object.ObjectLease;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Claims on all extents of one version. */
final class Claim implements ObjectLease {

  private static final int NOTHING = -1;

  private final ObjectParts parts;
  private final PieceReader reader;
  private final ObjectManifest manifest;
  private final List<Chunk> chunks;
  private final long[] ends;
  private Staging.@Nullable Buffer buffer;
  private int buffered = NOTHING;
  private boolean open = true;

  /**
   * @param chunks of the extents, in order, claimed for this
   */
  Claim(ObjectParts parts, PieceReader reader, ObjectManifest manifest, List<Chunk> chunks) {
    this.parts = parts;
    this.reader = reader;
    this.manifest = manifest;
    this.chunks = chunks;
    this.ends = new long[chunks.size()];
    long end = 0;
    for (int i = 0; i < ends.length; i++) {
      end += manifest.extents().get(i).bytes();
      ends[i] = end;
    }
  }

  @Override
  public ObjectInfo info() {
    return manifest.info();
  }

  @Override
  public boolean read(long offset, MemorySegment target) {
    if (!open) {
      throw new IllegalStateException("the lease of " + manifest.name() + " has ended");
    }
    Objects.checkFromIndexSize(offset, target.byteSize(), length());
    for (long at = 0; at < target.byteSize(); ) {
      int extent = extentAt(offset + at);
      int bytes = manifest.extents().get(extent).bytes();
      int from = Math.toIntExact(offset + at - (ends[extent] - bytes));
      int count = (int) Math.min(bytes - from, target.byteSize() - at);
      if (!read(extent, from, target.asSlice(at, count))) {
        parts.lost(manifest);
        return false;
      }
      at += count;
    }
    return true;
  }

  private int extentAt(long offset) {
    int found = Arrays.binarySearch(ends, offset + 1);
    return found >= 0 ? found : -found - 1;
  }

  private boolean read(int extent, int from, MemorySegment target) {
    int bytes = manifest.extents().get(extent).bytes();
    if (target.byteSize() == bytes && target.isNative()) {
      return reader.read(chunks.get(extent), target);
    }
    // Whoever reads on in small steps does not have the whole extent read and checked at each.
    if (buffer == null) {
      buffer = parts.staging().take();
    }
    if (buffered != extent) {
      buffered = NOTHING;
      if (!reader.read(chunks.get(extent), buffer.bytes().asSlice(0, bytes))) {
        return false;
      }
      buffered = extent;
    }
    MemorySegment.copy(buffer.bytes(), from, target, 0, target.byteSize());
    return true;
  }

  @Override
  public void close() {
    if (open) {
      open = false;
      chunks.forEach(Chunk::unclaim);
      if (buffer != null) {
        parts.staging().give(buffer);
      }
    }
  }
}
