package dev.varve.store.kernel;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.ShortVector;

/**
 * Conversions of 16-bit elements that lie on the heap. They pass through an array of shorts, a
 * piece at a time: heap memory is of one of many classes, which a loop over segments would have to
 * tell apart at each element (see {@link KnownMemory}).
 */
final class VectorShortArray {
  private static final int PIECE = 1024;
  private static final int LANES = VectorLanes.LANES;

  private VectorShortArray() {}

  /** See {@link DtypeKernel#load}, for bfloat16 or half precision. */
  static void load(
      boolean bfloats, MemorySegment source, long offset, float[] target, int at, int count) {
    short[] piece = new short[Math.min(count, PIECE)];
    for (int done = 0; done < count; done += PIECE) {
      int n = Math.min(PIECE, count - done);
      MemorySegment.copy(source, DtypeLayouts.SHORT, offset + 2L * done, piece, 0, n);
      if (bfloats) {
        widenBfloats(piece, n, target, at + done);
      } else {
        widenHalfs(piece, n, target, at + done);
      }
    }
  }

  /** See {@link DtypeKernel#store}, for bfloat16 or half precision. */
  static void store(
      boolean bfloats, float[] source, int at, int count, MemorySegment target, long offset) {
    short[] piece = new short[Math.min(count, PIECE)];
    for (int done = 0; done < count; done += PIECE) {
      int n = Math.min(PIECE, count - done);
      if (bfloats) {
        narrowBfloats(source, at + done, n, piece);
      } else {
        narrowHalfs(source, at + done, n, piece);
      }
      MemorySegment.copy(piece, 0, target, DtypeLayouts.SHORT, offset + 2L * done, n);
    }
  }

  private static void widenHalfs(short[] stored, int count, float[] target, int at) {
    for (int i = 0; i < count; i++) {
      target[at + i] = Float.float16ToFloat(stored[i]);
    }
  }

  private static void narrowHalfs(float[] source, int at, int count, short[] stored) {
    for (int i = 0; i < count; i++) {
      stored[i] = Float.floatToFloat16(source[at + i]);
    }
  }

  private static void widenBfloats(short[] stored, int count, float[] target, int at) {
    int whole = VectorBfloats.whole(count);
    if (whole > 0) {
      widenWhole(stored, whole, target, at);
    }
    for (int i = whole; i < count; i++) {
      target[at + i] = Bfloat16.toFloat(stored[i]);
    }
  }

  private static void widenWhole(short[] stored, int count, float[] target, int at) {
    for (int i = 0; i < count; i += 2 * LANES) {
      ShortVector both = ShortVector.fromArray(VectorLanes.SHORTS, stored, i);
      VectorBfloats.widened(both, 0).intoArray(target, at + i);
      VectorBfloats.widened(both, 1).intoArray(target, at + i + LANES);
    }
  }

  private static void narrowBfloats(float[] source, int at, int count, short[] stored) {
    int whole = VectorBfloats.whole(count);
    if (whole > 0) {
      narrowWhole(source, at, whole, stored);
    }
    for (int i = whole; i < count; i++) {
      stored[i] = Bfloat16.of(source[at + i]);
    }
  }

  private static void narrowWhole(float[] source, int at, int count, short[] stored) {
    for (int i = 0; i < count; i += 2 * LANES) {
      FloatVector low = FloatVector.fromArray(VectorLanes.FLOATS, source, at + i);
      FloatVector high = FloatVector.fromArray(VectorLanes.FLOATS, source, at + i + LANES);
      VectorBfloats.narrowed(low, 0).or(VectorBfloats.narrowed(high, -1)).intoArray(stored, i);
    }
  }
}
