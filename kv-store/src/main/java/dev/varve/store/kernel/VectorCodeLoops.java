package dev.varve.store.kernel;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The inner loops of {@link VectorCodeDotKernel}: one accumulator vector for each (row, vector)
 * pair, left in {@link #sums}. Codes become floats in registers and are shared by the vectors. The
 * upper halves of 4-bit codes are taken where they stand, sixteen times as large, and meet vectors
 * whose second half was divided by sixteen, which is exact.
 */
final class VectorCodeLoops {
  private static final VectorSpecies<Float> S = VectorLanes.FLOATS;
  private static final VectorSpecies<Integer> INTS = VectorLanes.INTS;
  private static final int LANES = VectorLanes.LANES;
  private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;
  private static final int LOWER = 0x0f;
  private static final int UPPER = 0xf0;

  /** Narrower lanes have no vector type for as many bytes. */
  static final boolean WIDE = LANES >= 8;

  private static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(WIDE ? LANES * Byte.SIZE : 64));
  private static final VectorOperators.Conversion<Byte, Integer> B2I = VectorOperators.B2I;
  private static final VectorOperators.Conversion<Integer, Float> I2F = VectorOperators.I2F;

  /** Accumulators of up to four vectors with as many rows as there are lanes. */
  final float[] sums = new float[4 * LANES * LANES];

  void bytesFourRows(
      MemorySegment memory, long at, long stride, float[] x, int x0, int padded, int to) {
    MemorySegment codes = KnownMemory.offHeap(memory);
    FloatVector a0 = FloatVector.zero(S);
    FloatVector b0 = FloatVector.zero(S);
    FloatVector c0 = FloatVector.zero(S);
    FloatVector d0 = FloatVector.zero(S);
    for (int i = 0; i < padded; i += LANES) {
      FloatVector a =
          (FloatVector)
              ByteVector.fromMemorySegment(BYTES, codes, at + i, ORDER)
                  .convertShape(B2I, INTS, 0)
                  .convertShape(I2F, S, 0);
      FloatVector b =
          (FloatVector)
              ByteVector.fromMemorySegment(BYTES, codes, at + stride + i, ORDER)
                  .convertShape(B2I, INTS, 0)
                  .convertShape(I2F, S, 0);
      FloatVector c =
          (FloatVector)
              ByteVector.fromMemorySegment(BYTES, codes, at + 2 * stride + i, ORDER)
                  .convertShape(B2I, INTS, 0)
                  .convertShape(I2F, S, 0);
      FloatVector d =
          (FloatVector)
              ByteVector.fromMemorySegment(BYTES, codes, at + 3 * stride + i, ORDER)
                  .convertShape(B2I, INTS, 0)
                  .convertShape(I2F, S, 0);
      FloatVector q0 = FloatVector.fromArray(S, x, x0 + i);
      a0 = a.fma(q0, a0);
      b0 = b.fma(q0, b0);
      c0 = c.fma(q0, c0);
      d0 = d.fma(q0, d0);
    }
    a0.intoArray(sums, to);
    b0.intoArray(sums, to + LANES);
    c0.intoArray(sums, to + 2 * LANES);
    d0.intoArray(sums, to + 3 * LANES);
  }

  void bytesOneRow(MemorySegment memory, long at, float[] x, int x0, int padded, int to) {
    MemorySegment codes = KnownMemory.offHeap(memory);
    FloatVector a0 = FloatVector.zero(S);
    for (int i = 0; i < padded; i += LANES) {
      FloatVector a =
          (FloatVector)
              ByteVector.fromMemorySegment(BYTES, codes, at + i, ORDER)
                  .convertShape(B2I, INTS, 0)
                  .convertShape(I2F, S, 0);
      FloatVector q0 = FloatVector.fromArray(S, x, x0 + i);
      a0 = a.fma(q0, a0);
    }
    a0.intoArray(sums, to);
  }

  void bytesTwoRowsFourVectors(
      MemorySegment memory, long at, long stride, float[] x, int x0, int padded, int to) {
    MemorySegment codes = KnownMemory.offHeap(memory);
    int x1 = x0 + padded;
    int x2 = x1 + padded;
    int x3 = x2 + padded;
    FloatVector a0 = FloatVector.zero(S);
    FloatVector a1 = FloatVector.zero(S);
    FloatVector a2 = FloatVector.zero(S);
    FloatVector a3 = FloatVector.zero(S);
    FloatVector b0 = FloatVector.zero(S);
    FloatVector b1 = FloatVector.zero(S);
    FloatVector b2 = FloatVector.zero(S);
    FloatVector b3 = FloatVector.zero(S);
    for (int i = 0; i < padded; i += LANES) {
      FloatVector a =
          (FloatVector)
              ByteVector.fromMemorySegment(BYTES, codes, at + i, ORDER)
                  .convertShape(B2I, INTS, 0)
                  .convertShape(I2F, S, 0);
      FloatVector b =
          (FloatVector)
              ByteVector.fromMemorySegment(BYTES, codes, at + stride + i, ORDER)
                  .convertShape(B2I, INTS, 0)
                  .convertShape(I2F, S, 0);
      FloatVector q0 = FloatVector.fromArray(S, x, x0 + i);
      a0 = a.fma(q0, a0);
      b0 = b.fma(q0, b0);
      FloatVector q1 = FloatVector.fromArray(S, x, x1 + i);
      a1 = a.fma(q1, a1);
      b1 = b.fma(q1, b1);
      FloatVector q2 = FloatVector.fromArray(S, x, x2 + i);
      a2 = a.fma(q2, a2);
      b2 = b.fma(q2, b2);
      FloatVector q3 = FloatVector.fromArray(S, x, x3 + i);
      a3 = a.fma(q3, a3);
      b3 = b.fma(q3, b3);
    }
    a0.intoArray(sums, to);
    a1.intoArray(sums, to + LANES);
    a2.intoArray(sums, to + 2 * LANES);
    a3.intoArray(sums, to + 3 * LANES);
    b0.intoArray(sums, to + 4 * LANES);
    b1.intoArray(sums, to + 5 * LANES);
    b2.intoArray(sums, to + 6 * LANES);
    b3.intoArray(sums, to + 7 * LANES);
  }

  void bytesOneRowFourVectors(
      MemorySegment memory, long at, float[] x, int x0, int padded, int to) {
    MemorySegment codes = KnownMemory.offHeap(memory);
    int x1 = x0 + padded;
    int x2 = x1 + padded;
    int x3 = x2 + padded;
    FloatVector a0 = FloatVector.zero(S);
    FloatVector a1 = FloatVector.zero(S);
    FloatVector a2 = FloatVector.zero(S);
    FloatVector a3 = FloatVector.zero(S);
    for (int i = 0; i < padded; i += LANES) {
      FloatVector a =
          (FloatVector)
              ByteVector.fromMemorySegment(BYTES, codes, at + i, ORDER)
                  .convertShape(B2I, INTS, 0)
                  .convertShape(I2F, S, 0);
      FloatVector q0 = FloatVector.fromArray(S, x, x0 + i);
      a0 = a.fma(q0, a0);
      FloatVector q1 = FloatVector.fromArray(S, x, x1 + i);
      a1 = a.fma(q1, a1);
      FloatVector q2 = FloatVector.fromArray(S, x, x2 + i);
      a2 = a.fma(q2, a2);
      FloatVector q3 = FloatVector.fromArray(S, x, x3 + i);
      a3 = a.fma(q3, a3);
    }
    a0.intoArray(sums, to);
    a1.intoArray(sums, to + LANES);
    a2.intoArray(sums, to + 2 * LANES);
    a3.intoArray(sums, to + 3 * LANES);
  }

  void nibblesFourRows(
      MemorySegment memory, long at, long stride, float[] x, int x0, int padded, int to) {
    MemorySegment codes = KnownMemory.offHeap(memory);
    int half = padded / 2;
    FloatVector a0 = FloatVector.zero(S);
    FloatVector b0 = FloatVector.zero(S);
    FloatVector c0 = FloatVector.zero(S);
    FloatVector d0 = FloatVector.zero(S);
    for (int i = 0; i < half; i += LANES) {
      IntVector aCodes =
          (IntVector)
              ByteVector.fromMemorySegment(BYTES, codes, at + i, ORDER).convertShape(B2I, INTS, 0);
      FloatVector a = (FloatVector) aCodes.and(LOWER).convertShape(I2F, S, 0);
      FloatVector aUpper = (FloatVector) aCodes.and(UPPER).convertShape(I2F, S, 0);
      IntVector bCodes =
          (IntVector)
              ByteVector.fromMemorySegment(BYTES, codes, at + stride + i, ORDER)
                  .convertShape(B2I, INTS, 0);
      FloatVector b = (FloatVector) bCodes.and(LOWER).convertShape(I2F, S, 0);
      FloatVector bUpper = (FloatVector) bCodes.and(UPPER).convertShape(I2F, S, 0);
      IntVector cCodes =
          (IntVector)
              ByteVector.fromMemorySegment(BYTES, codes, at + 2 * stride + i, ORDER)
                  .convertShape(B2I, INTS, 0);
      FloatVector c = (FloatVector) cCodes.and(LOWER).convertShape(I2F, S, 0);
      FloatVector cUpper = (FloatVector) cCodes.and(UPPER).convertShape(I2F, S, 0);
      IntVector dCodes =
          (IntVector)
              ByteVector.fromMemorySegment(BYTES, codes, at + 3 * stride + i, ORDER)
                  .convertShape(B2I, INTS, 0);
      FloatVector d = (FloatVector) dCodes.and(LOWER).convertShape(I2F, S, 0);
      FloatVector dUpper = (FloatVector) dCodes.and(UPPER).convertShape(I2F, S, 0);
      FloatVector q0 = FloatVector.fromArray(S, x, x0 + i);
      FloatVector p0 = FloatVector.fromArray(S, x, x0 + half + i);
      a0 = a.fma(q0, a0);
      a0 = aUpper.fma(p0, a0);
      b0 = b.fma(q0, b0);
      b0 = bUpper.fma(p0, b0);
      c0 = c.fma(q0, c0);
      c0 = cUpper.fma(p0, c0);
      d0 = d.fma(q0, d0);
      d0 = dUpper.fma(p0, d0);
    }
    a0.intoArray(sums, to);
    b0.intoArray(sums, to + LANES);
    c0.intoArray(sums, to + 2 * LANES);
    d0.intoArray(sums, to + 3 * LANES);
  }

  void nibblesOneRow(MemorySegment memory, long at, float[] x, int x0, int padded, int to) {
    MemorySegment codes = KnownMemory.offHeap(memory);
    int half = padded / 2;
    FloatVector a0 = FloatVector.zero(S);
    for (int i = 0; i < half; i += LANES) {
      IntVector aCodes =
          (IntVector)
              ByteVector.fromMemorySegment(BYTES, codes, at + i, ORDER).convertShape(B2I, INTS, 0);
      FloatVector a = (FloatVector) aCodes.and(LOWER).convertShape(I2F, S, 0);
      FloatVector aUpper = (FloatVector) aCodes.and(UPPER).convertShape(I2F, S, 0);
      FloatVector q0 = FloatVector.fromArray(S, x, x0 + i);
      FloatVector p0 = FloatVector.fromArray(S, x, x0 + half + i);
      a0 = a.fma(q0, a0);
      a0 = aUpper.fma(p0, a0);
    }
    a0.intoArray(sums, to);
  }

  void nibblesTwoRowsFourVectors(
      MemorySegment memory, long at, long stride, float[] x, int x0, int padded, int to) {
    MemorySegment codes = KnownMemory.offHeap(memory);
    int half = padded / 2;
    int x1 = x0 + padded;
    int x2 = x1 + padded;
    int x3 = x2 + padded;
    FloatVector a0 = FloatVector.zero(S);
    FloatVector a1 = FloatVector.zero(S);
    FloatVector a2 = FloatVector.zero(S);
    FloatVector a3 = FloatVector.zero(S);
    FloatVector b0 = FloatVector.zero(S);
    FloatVector b1 = FloatVector.zero(S);
    FloatVector b2 = FloatVector.zero(S);
    FloatVector b3 = FloatVector.zero(S);
    for (int i = 0; i < half; i += LANES) {
      IntVector aCodes =
          (IntVector)
              ByteVector.fromMemorySegment(BYTES, codes, at + i, ORDER).convertShape(B2I, INTS, 0);
      FloatVector a = (FloatVector) aCodes.and(LOWER).convertShape(I2F, S, 0);
      FloatVector aUpper = (FloatVector) aCodes.and(UPPER).convertShape(I2F, S, 0);
      IntVector bCodes =
          (IntVector)
              ByteVector.fromMemorySegment(BYTES, codes, at + stride + i, ORDER)
                  .convertShape(B2I, INTS, 0);
      FloatVector b = (FloatVector) bCodes.and(LOWER).convertShape(I2F, S, 0);
      FloatVector bUpper = (FloatVector) bCodes.and(UPPER).convertShape(I2F, S, 0);
      FloatVector q0 = FloatVector.fromArray(S, x, x0 + i);
      FloatVector p0 = FloatVector.fromArray(S, x, x0 + half + i);
      a0 = a.fma(q0, a0);
      a0 = aUpper.fma(p0, a0);
      b0 = b.fma(q0, b0);
      b0 = bUpper.fma(p0, b0);
      FloatVector q1 = FloatVector.fromArray(S, x, x1 + i);
      FloatVector p1 = FloatVector.fromArray(S, x, x1 + half + i);
      a1 = a.fma(q1, a1);
      a1 = aUpper.fma(p1, a1);
      b1 = b.fma(q1, b1);
      b1 = bUpper.fma(p1, b1);
      FloatVector q2 = FloatVector.fromArray(S, x, x2 + i);
      FloatVector p2 = FloatVector.fromArray(S, x, x2 + half + i);
      a2 = a.fma(q2, a2);
      a2 = aUpper.fma(p2, a2);
      b2 = b.fma(q2, b2);
      b2 = bUpper.fma(p2, b2);
      FloatVector q3 = FloatVector.fromArray(S, x, x3 + i);
      FloatVector p3 = FloatVector.fromArray(S, x, x3 + half + i);
      a3 = a.fma(q3, a3);
      a3 = aUpper.fma(p3, a3);
      b3 = b.fma(q3, b3);
      b3 = bUpper.fma(p3, b3);
    }
    a0.intoArray(sums, to);
    a1.intoArray(sums, to + LANES);
    a2.intoArray(sums, to + 2 * LANES);
    a3.intoArray(sums, to + 3 * LANES);
    b0.intoArray(sums, to + 4 * LANES);
    b1.intoArray(sums, to + 5 * LANES);
    b2.intoArray(sums, to + 6 * LANES);
    b3.intoArray(sums, to + 7 * LANES);
  }

  void nibblesOneRowFourVectors(
      MemorySegment memory, long at, float[] x, int x0, int padded, int to) {
    MemorySegment codes = KnownMemory.offHeap(memory);
    int half = padded / 2;
    int x1 = x0 + padded;
    int x2 = x1 + padded;
    int x3 = x2 + padded;
    FloatVector a0 = FloatVector.zero(S);
    FloatVector a1 = FloatVector.zero(S);
    FloatVector a2 = FloatVector.zero(S);
    FloatVector a3 = FloatVector.zero(S);
    for (int i = 0; i < half; i += LANES) {
      IntVector aCodes =
          (IntVector)
              ByteVector.fromMemorySegment(BYTES, codes, at + i, ORDER).convertShape(B2I, INTS, 0);
      FloatVector a = (FloatVector) aCodes.and(LOWER).convertShape(I2F, S, 0);
      FloatVector aUpper = (FloatVector) aCodes.and(UPPER).convertShape(I2F, S, 0);
      FloatVector q0 = FloatVector.fromArray(S, x, x0 + i);
      FloatVector p0 = FloatVector.fromArray(S, x, x0 + half + i);
      a0 = a.fma(q0, a0);
      a0 = aUpper.fma(p0, a0);
      FloatVector q1 = FloatVector.fromArray(S, x, x1 + i);
      FloatVector p1 = FloatVector.fromArray(S, x, x1 + half + i);
      a1 = a.fma(q1, a1);
      a1 = aUpper.fma(p1, a1);
      FloatVector q2 = FloatVector.fromArray(S, x, x2 + i);
      FloatVector p2 = FloatVector.fromArray(S, x, x2 + half + i);
      a2 = a.fma(q2, a2);
      a2 = aUpper.fma(p2, a2);
      FloatVector q3 = FloatVector.fromArray(S, x, x3 + i);
      FloatVector p3 = FloatVector.fromArray(S, x, x3 + half + i);
      a3 = a.fma(q3, a3);
      a3 = aUpper.fma(p3, a3);
    }
    a0.intoArray(sums, to);
    a1.intoArray(sums, to + LANES);
    a2.intoArray(sums, to + 2 * LANES);
    a3.intoArray(sums, to + 3 * LANES);
  }
}
