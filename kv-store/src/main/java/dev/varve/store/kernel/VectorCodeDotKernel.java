package dev.varve.store.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Whole vectors over rows off the heap whose length suits them; others are copied and padded first.
 * Lanes of less than 256 bits run the plain loops.
 */
final class VectorCodeDotKernel implements CodeDotKernel {
  private static final int LANES = VectorLanes.LANES;
  private static final float SIXTEENTH = 1f / 16;

  private final CodeDotKernel plain = CodeDotKernel.of(Backend.SCALAR);
  private final VectorCodeLoops loops = new VectorCodeLoops();
  private float[] packed = {};
  private MemorySegment paddedRows = MemorySegment.NULL;

  @Override
  public void multiply(CodeRows rows, FloatRows vectors, FloatRows out) {
    if (!VectorCodeLoops.WIDE) {
      plain.multiply(rows, vectors, out);
      return;
    }
    int columns = rows.columns();
    vectors.require(vectors.rows(), columns, "vectors");
    out.require(vectors.rows(), rows.rows(), "out");
    boolean nibbles = rows.bits() == 4;
    int planes = nibbles ? 2 : 1;
    int plane = VectorLanes.padded(columns / planes);
    int padded = plane * planes;
    pack(vectors, columns / planes, plane, planes);
    boolean suits = padded == columns && rows.bytes().isNative();
    for (int first = 0; first < rows.rows(); first += LANES) {
      int n = Math.min(LANES, rows.rows() - first);
      MemorySegment codes = suits ? rows.bytes() : padRows(rows, first, n, plane);
      long at = suits ? rows.offset(first) : 0;
      group(nibbles, codes, at, plane, padded, n, out, first);
    }
  }

  /** Vectors of {@code planes * plane} floats, zeros at the ends, the second plane divided. */
  private void pack(FloatRows vectors, int from, int plane, int planes) {
    int stride = plane * planes;
    if (packed.length < vectors.rows() * stride) {
      packed = new float[vectors.rows() * stride];
    }
    for (int v = 0; v < vectors.rows(); v++) {
      for (int p = 0; p < planes; p++) {
        for (int i = 0; i < plane; i++) {
          float x = i < from ? vectors.values()[vectors.offset(v) + p * from + i] : 0f;
          packed[v * stride + p * plane + i] = p == 0 ? x : x * SIXTEENTH;
        }
      }
    }
  }

  private MemorySegment padRows(CodeRows rows, int first, int count, int plane) {
    if (paddedRows.byteSize() < (long) LANES * plane) {
      paddedRows = Arena.ofAuto().allocate((long) LANES * plane);
    }
    for (int r = 0; r < count; r++) {
      MemorySegment target = paddedRows.asSlice((long) r * plane, plane);
      MemorySegment.copy(rows.bytes(), rows.offset(first + r), target, 0, rows.rowBytes());
      target.asSlice(rows.rowBytes()).fill((byte) 0);
    }
    return paddedRows;
  }

  private void group(
      boolean nibbles,
      MemorySegment codes,
      long at,
      int plane,
      int padded,
      int n,
      FloatRows out,
      int first) {
    int v = 0;
    for (; v <= out.rows() - 4; v += 4) {
      fourVectors(nibbles, codes, at, plane, padded, n, v * padded);
      VectorLanes.sums(loops.sums, 4);
      for (int k = 0; k < 4; k++) {
        System.arraycopy(loops.sums, k * LANES, out.values(), out.offset(v + k) + first, n);
      }
    }
    for (; v < out.rows(); v++) {
      oneVector(nibbles, codes, at, plane, padded, n, v * padded);
      VectorLanes.sums(loops.sums, 1);
      System.arraycopy(loops.sums, 0, out.values(), out.offset(v) + first, n);
    }
  }

  private void fourVectors(
      boolean nibbles, MemorySegment codes, long at, int plane, int padded, int n, int x0) {
    int r = 0;
    for (; r <= n - 2; r += 2) {
      long row = at + (long) r * plane;
      int to = 4 * r * LANES;
      if (nibbles) {
        loops.nibblesTwoRowsFourVectors(codes, row, plane, packed, x0, padded, to);
      } else {
        loops.bytesTwoRowsFourVectors(codes, row, plane, packed, x0, padded, to);
      }
    }
    if (r < n) {
      long row = at + (long) r * plane;
      int to = 4 * r * LANES;
      if (nibbles) {
        loops.nibblesOneRowFourVectors(codes, row, packed, x0, padded, to);
      } else {
        loops.bytesOneRowFourVectors(codes, row, packed, x0, padded, to);
      }
    }
  }

  private void oneVector(
      boolean nibbles, MemorySegment codes, long at, int plane, int padded, int n, int x0) {
    int r = 0;
    for (; r <= n - 4; r += 4) {
      long row = at + (long) r * plane;
      if (nibbles) {
        loops.nibblesFourRows(codes, row, plane, packed, x0, padded, r * LANES);
      } else {
        loops.bytesFourRows(codes, row, plane, packed, x0, padded, r * LANES);
      }
    }
    for (; r < n; r++) {
      long row = at + (long) r * plane;
      if (nibbles) {
        loops.nibblesOneRow(codes, row, packed, x0, padded, r * LANES);
      } else {
        loops.bytesOneRow(codes, row, packed, x0, padded, r * LANES);
      }
    }
  }
}
