package dev.varve.store.internal;

import java.lang.foreign.MemorySegment;

/** Checks of the memory that a caller wants a payload in. */
public final class Targets {

  private Targets() {}

  /** The first {@code payloadBytes} of {@code target}. */
  public static MemorySegment front(MemorySegment target, int payloadBytes) {
    if (target.byteSize() < payloadBytes) {
      throw new IllegalArgumentException(
          "the target has "
              + target.byteSize()
              + " bytes, the payload "
              + payloadBytes
              + ": give it the length of the largest block");
    }
    return target.asSlice(0, payloadBytes);
  }
}
