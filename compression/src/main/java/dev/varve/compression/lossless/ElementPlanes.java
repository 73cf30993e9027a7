package dev.varve.compression.lossless;

import dev.varve.store.kernel.Backend;
import java.lang.foreign.MemorySegment;

/**
 * Takes elements apart into planes of one byte each and puts them together again. The first plane
 * is the one that is worth coding. Every bit of an element stands in exactly one plane. Holds
 * scratch memory of fixed size: for one thread at a time.
 */
interface ElementPlanes {
  /** Elements worked on at a time. */
  int TILE = 4096;

  /** Number of planes, which is the number of bytes of an element. */
  int count();

  /**
   * Takes apart {@code elements} little-endian elements from byte {@code from} of {@code source}
   * on; their bytes go to {@code planes[p][at ...]}.
   */
  void split(MemorySegment source, long from, int elements, byte[][] planes, int at);

  /** Turns {@link #split} round. */
  void merge(byte[][] planes, int at, int elements, MemorySegment target, long from);

  /** The planes of {@code kind}. */
  static ElementPlanes of(ElementKind kind, Backend backend) {
    boolean vector = backend == Backend.VECTOR;
    return switch (kind) {
      case BF16 -> vector ? new VectorWordPlanes(true) : new WordPlanes(true);
      case F16 -> vector ? new VectorWordPlanes(false) : new WordPlanes(false);
      case F32 -> new FloatPlanes();
      case BYTES -> new BytePlanes();
    };
  }
}
