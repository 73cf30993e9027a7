package dev.varve.compression.lossless;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Bytes as they are. */
final class BytePlanes implements ElementPlanes {

  @Override
  public int count() {
    return 1;
  }

  @Override
  public void split(MemorySegment source, long from, int elements, byte[][] planes, int at) {
    MemorySegment.copy(source, ValueLayout.JAVA_BYTE, from, planes[0], at, elements);
  }

  @Override
  public void merge(byte[][] planes, int at, int elements, MemorySegment target, long from) {
    MemorySegment.copy(planes[0], at, target, ValueLayout.JAVA_BYTE, from, elements);
  }
}
