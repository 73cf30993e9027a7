package dev.varve.store.kernel;

import java.lang.foreign.MemorySegment;

/**
 * Tells the compiler which class of segment a loop reads or writes. Otherwise it goes by the
 * classes that came along at any access of the process: once arrays, mapped files and native memory
 * did, every element pays for virtual calls and no loop becomes vectors any more, for as long as
 * the process lives. A cast to a constant class takes the place of that history.
 */
public final class KnownMemory {
  private static final Class<? extends MemorySegment> NATIVE = MemorySegment.NULL.getClass();

  private KnownMemory() {}

  /**
   * The same segment, known to be native memory or a mapped file. To be called in the method that
   * has the loop, or in one that is always compiled together with it.
   *
   * @throws ClassCastException if {@link MemorySegment#isNative} is false
   */
  public static MemorySegment offHeap(MemorySegment segment) {
    return NATIVE.cast(segment);
  }
}
