package dev.varve.store.cuda;

import java.lang.foreign.MemorySegment;

/** Host memory that a driver gave, as a segment. */
final class HostMemory {

  private HostMemory() {}

  /** Memory that is valid until whoever took it from the driver gives it back. */
  @SuppressWarnings("restricted") // the driver gives addresses, and the caller said how many bytes
  static MemorySegment at(long address, long bytes) {
    return MemorySegment.ofAddress(address).reinterpret(bytes);
  }
}
