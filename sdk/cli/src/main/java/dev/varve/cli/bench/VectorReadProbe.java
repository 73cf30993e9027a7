package dev.varve.cli.bench;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorSpecies;

/** Reads memory as fast as one thread can: adds it up in eight independent vectors. */
final class VectorReadProbe {

  private static final VectorSpecies<Long> LONGS = LongVector.SPECIES_PREFERRED;
  private static final int STEP = LONGS.vectorByteSize();
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  private VectorReadProbe() {}

  /** The sum of {@code memory[from, to)}, whose length is a multiple of 1024 bytes. */
  static long sum(MemorySegment memory, long from, long to) {
    LongVector s0 = LongVector.zero(LONGS);
    LongVector s1 = s0;
    LongVector s2 = s0;
    LongVector s3 = s0;
    LongVector s4 = s0;
    LongVector s5 = s0;
    LongVector s6 = s0;
    LongVector s7 = s0;
    for (long at = from; at < to; at += 8L * STEP) {
      s0 = s0.add(LongVector.fromMemorySegment(LONGS, memory, at, ORDER));
      s1 = s1.add(LongVector.fromMemorySegment(LONGS, memory, at + STEP, ORDER));
      s2 = s2.add(LongVector.fromMemorySegment(LONGS, memory, at + 2L * STEP, ORDER));
      s3 = s3.add(LongVector.fromMemorySegment(LONGS, memory, at + 3L * STEP, ORDER));
      s4 = s4.add(LongVector.fromMemorySegment(LONGS, memory, at + 4L * STEP, ORDER));
      s5 = s5.add(LongVector.fromMemorySegment(LONGS, memory, at + 5L * STEP, ORDER));
      s6 = s6.add(LongVector.fromMemorySegment(LONGS, memory, at + 6L * STEP, ORDER));
      s7 = s7.add(LongVector.fromMemorySegment(LONGS, memory, at + 7L * STEP, ORDER));
    }
    LongVector left = s0.add(s1).add(s2.add(s3));
    LongVector right = s4.add(s5).add(s6.add(s7));
    return left.add(right).reduceLanes(jdk.incubator.vector.VectorOperators.ADD);
  }
}
