package dev.varve.cli.file;

import dev.varve.store.kernel.KnownMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Copies a box of three axes between two memories in which the axes have other strides. */
final class StridedCopy {
  private StridedCopy() {}

  /**
   * An axis.
   *
   * @param count how many
   * @param from bytes from one to the next in the source
   * @param to bytes from one to the next in the target
   */
  record Axis(long count, long from, long to) {}

  /** Copies elements of 1, 2 or 4 bytes; {@code inner} is the axis that runs fastest. */
  static void copy(
      MemorySegment source,
      long at,
      MemorySegment target,
      long to,
      int elementBytes,
      Axis outer,
      Axis middle,
      Axis inner) {
    boolean consecutive = inner.from == elementBytes && inner.to == elementBytes;
    for (long i = 0; i < outer.count; i++) {
      for (long j = 0; j < middle.count; j++) {
        long from = at + i * outer.from + j * middle.from;
        long into = to + i * outer.to + j * middle.to;
        if (consecutive) {
          MemorySegment.copy(source, from, target, into, inner.count * elementBytes);
        } else {
          line(source, from, target, into, elementBytes, inner);
        }
      }
    }
  }

  private static void line(
      MemorySegment source, long at, MemorySegment target, long to, int elementBytes, Axis inner) {
    if (source.isNative() && target.isNative()) {
      elements(
          KnownMemory.offHeap(source), at, KnownMemory.offHeap(target), to, elementBytes, inner);
    } else {
      elements(source, at, target, to, elementBytes, inner);
    }
  }

  private static void elements(
      MemorySegment source, long at, MemorySegment target, long to, int elementBytes, Axis inner) {
    for (long i = 0; i < inner.count; i++) {
      long from = at + i * inner.from;
      long into = to + i * inner.to;
      switch (elementBytes) {
        case Byte.BYTES ->
            target.set(ValueLayout.JAVA_BYTE, into, source.get(ValueLayout.JAVA_BYTE, from));
        case Short.BYTES ->
            target.set(
                ValueLayout.JAVA_SHORT_UNALIGNED,
                into,
                source.get(ValueLayout.JAVA_SHORT_UNALIGNED, from));
        case Integer.BYTES ->
            target.set(
                ValueLayout.JAVA_INT_UNALIGNED,
                into,
                source.get(ValueLayout.JAVA_INT_UNALIGNED, from));
        default -> throw new IllegalArgumentException("elements of " + elementBytes + " bytes");
      }
    }
  }
}
