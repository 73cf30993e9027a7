package dev.varve.compression.fuzz;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Memory between two guards that must stay as they are. */
public final class Guarded {
  private static final int GUARD = 256;
  private static final byte MARK = (byte) 0xa5;

  private final MemorySegment all;
  private final long bytes;

  /** {@code bytes} bytes between guards; all hold the mark. */
  public Guarded(long bytes) {
    this.bytes = bytes;
    this.all = Arena.ofAuto().allocate(bytes + 2 * GUARD, 64);
    all.fill(MARK);
  }

  public MemorySegment bytes() {
    return all.asSlice(GUARD, bytes);
  }

  /** Fails if a guard was written to. */
  public void check() {
    untouched(all.asSlice(0, GUARD));
    untouched(all.asSlice(GUARD + bytes, GUARD));
  }

  /** Fails if these bytes do not hold the mark. */
  public static void untouched(MemorySegment part) {
    for (long i = 0; i < part.byteSize(); i++) {
      if (part.get(ValueLayout.JAVA_BYTE, i) != MARK) {
        throw new AssertionError("a byte outside of the target was written, place " + i);
      }
    }
  }
}
