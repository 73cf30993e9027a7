package dev.varve.cli.file;

import java.lang.foreign.MemorySegment;
import java.util.Map;

/**
 * A file that is yet to be written.
 *
 * @param layout where keys and values will lie
 * @param opaque the other bytes, by the first byte of each of {@link KvLayout#opaque}
 */
record NewFile(KvLayout layout, Map<Long, MemorySegment> opaque) {

  /** A part of the other bytes. */
  MemorySegment opaque(Extent extent) {
    for (Map.Entry<Long, MemorySegment> entry : opaque.entrySet()) {
      long from = extent.offset() - entry.getKey();
      if (from >= 0 && from + extent.bytes() <= entry.getValue().byteSize()) {
        return entry.getValue().asSlice(from, extent.bytes());
      }
    }
    throw new IllegalArgumentException("there are no bytes for " + extent);
  }
}
