package dev.varve.compression.container;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Gives the bytes of an attachment piece by piece, so that it need not be in memory whole. */
@FunctionalInterface
public interface AttachmentSource {

  /** Fills {@code target} with the bytes from {@code offset} on. */
  void read(long offset, MemorySegment target) throws IOException;

  /** The bytes of {@code tensor}. */
  static AttachmentSource of(MemorySegment tensor) {
    return (offset, target) -> target.copyFrom(tensor.asSlice(offset, target.byteSize()));
  }
}
