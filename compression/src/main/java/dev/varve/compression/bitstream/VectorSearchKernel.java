package dev.varve.compression.bitstream;

import static jdk.incubator.vector.VectorOperators.B2F;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.F2I;
import static jdk.incubator.vector.VectorOperators.I2B;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.MAX;

import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * As many rows at a time as a vector holds: no product has to be summed across lanes. Methods take
 * and return no vectors, for these would be boxed wherever the compiler inlines no call.
 */
final class VectorSearchKernel implements SearchKernel {
  private static final VectorSpecies<Float> FLOATS =
      FloatVector.SPECIES_PREFERRED.vectorBitSize() > 256
          ? FloatVector.SPECIES_512
          : FloatVector.SPECIES_256;
  private static final VectorSpecies<Integer> INTS = FLOATS.withLanes(int.class);
  private static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(FLOATS.length() * Byte.SIZE));
  private static final int LANES = FLOATS.length();

  @Override
  public void codes(float[] rows, int count, float scale, byte[] codes) {
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      FloatVector scaled = FloatVector.fromArray(FLOATS, rows, i).mul(scale);
      IntVector code = (IntVector) scaled.max(-LARGEST).min(LARGEST).convertShape(F2I, INTS, 0);
      ((ByteVector) code.convertShape(I2B, BYTES, 0)).intoArray(codes, i);
    }
    for (; i < count; i++) {
      codes[i] = (byte) Math.min(Math.max(rows[i] * scale, -LARGEST), LARGEST);
    }
  }

  @Override
  public void widen(byte[] codes, int from, int count, float[] target, int to) {
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      ByteVector code = ByteVector.fromArray(BYTES, codes, from + i);
      ((FloatVector) code.convertShape(B2F, FLOATS, 0)).intoArray(target, to + i);
    }
    for (; i < count; i++) {
      target[to + i] = codes[from + i];
    }
  }

  @Override
  public void products(
      float[] codes, int stride, int channels, int row, int first, int end, float[] products) {
    for (int other = first; other < end; other += 2 * LANES) {
      FloatVector a0 = FloatVector.zero(FLOATS);
      FloatVector a1 = a0;
      FloatVector b0 = a0;
      FloatVector b1 = a0;
      FloatVector c0 = a0;
      FloatVector c1 = a0;
      FloatVector d0 = a0;
      FloatVector d1 = a0;
      int all = channels * stride;
      for (int at = 0; at < all; at += stride) {
        FloatVector other0 = FloatVector.fromArray(FLOATS, codes, at + other);
        FloatVector other1 = FloatVector.fromArray(FLOATS, codes, at + other + LANES);
        FloatVector a = FloatVector.broadcast(FLOATS, codes[at + row]);
        FloatVector b = FloatVector.broadcast(FLOATS, codes[at + row + 1]);
        FloatVector c = FloatVector.broadcast(FLOATS, codes[at + row + 2]);
        FloatVector d = FloatVector.broadcast(FLOATS, codes[at + row + 3]);
        a0 = other0.fma(a, a0);
        a1 = other1.fma(a, a1);
        b0 = other0.fma(b, b0);
        b1 = other1.fma(b, b1);
        c0 = other0.fma(c, c0);
        c1 = other1.fma(c, c1);
        d0 = other0.fma(d, d0);
        d1 = other1.fma(d, d1);
      }
      a0.intoArray(products, other);
      a1.intoArray(products, other + LANES);
      b0.intoArray(products, stride + other);
      b1.intoArray(products, stride + other + LANES);
      c0.intoArray(products, 2 * stride + other);
      c1.intoArray(products, 2 * stride + other + LANES);
      d0.intoArray(products, 3 * stride + other);
      d1.intoArray(products, 3 * stride + other + LANES);
    }
  }

  // Smaller numbers are blended in, since min would look after NaNs and the sign of zeros.
  @Override
  public int best(float[] products, int at, float[] squares, int first, int end, float bound) {
    int whole = first + (end - first + LANES - 1) / LANES * LANES;
    Arrays.fill(products, at + end, at + whole, Float.NEGATIVE_INFINITY);
    FloatVector smallest = FloatVector.broadcast(FLOATS, bound < 0 ? bound : -0f);
    for (int other = first; other < whole; other += LANES) {
      FloatVector square = FloatVector.fromArray(FLOATS, squares, other);
      FloatVector product = FloatVector.fromArray(FLOATS, products, at + other);
      FloatVector error = square.mul(16).sub(product.mul(32));
      FloatVector three = square.mul(9).sub(product.mul(24));
      FloatVector two = square.mul(4).sub(product.mul(16));
      error = error.blend(three, three.compare(LT, error));
      error = error.blend(two, two.compare(LT, error));
      smallest = smallest.blend(error, error.compare(LT, smallest));
    }
    // All are negative: the smallest has the largest bits.
    float least = Float.intBitsToFloat(smallest.reinterpretAsInts().reduceLanes(MAX));
    if (!(least < bound)) {
      return -1;
    }
    for (int other = whole - LANES; other >= first; other -= LANES) {
      FloatVector square = FloatVector.fromArray(FLOATS, squares, other);
      FloatVector product = FloatVector.fromArray(FLOATS, products, at + other);
      FloatVector error = square.mul(16).sub(product.mul(32));
      FloatVector three = square.mul(9).sub(product.mul(24));
      FloatVector two = square.mul(4).sub(product.mul(16));
      error = error.blend(three, three.compare(LT, error));
      error = error.blend(two, two.compare(LT, error));
      long equal = error.compare(EQ, least).toLong();
      if (equal != 0) {
        return other + Long.SIZE - 1 - Long.numberOfLeadingZeros(equal);
      }
    }
    return -1;
  }
}
