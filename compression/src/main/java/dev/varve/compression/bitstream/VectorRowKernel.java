package dev.varve.compression.bitstream;

import static jdk.incubator.vector.VectorOperators.B2I;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.I2F;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * 16 elements at a time, on machines with shorter vectors as many as these hold. Methods take and
 * return no vectors, for these would be boxed wherever the compiler inlines no call.
 */
final class VectorRowKernel implements RowKernel {
  private static final VectorSpecies<Float> FLOATS = species();
  private static final VectorSpecies<Integer> INTS = FLOATS.withLanes(int.class);
  private static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(FLOATS.length() * Byte.SIZE));
  private static final VectorSpecies<Byte> WIDE = ByteVector.SPECIES_PREFERRED;
  private static final int LANES = FLOATS.length();

  /** Of at least 256 bits, so that the bytes of as many elements fill a vector of their own. */
  private static VectorSpecies<Float> species() {
    return FloatVector.SPECIES_PREFERRED.vectorBitSize() > 256
        ? FloatVector.SPECIES_512
        : FloatVector.SPECIES_256;
  }

  @Override
  public void scale(byte[] symbols, int count, int limit, float step, float[] numbers) {
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      IntVector whole =
          (IntVector) ByteVector.fromArray(BYTES, symbols, i).convertShape(B2I, INTS, 0);
      ((FloatVector) whole.sub(limit).convertShape(I2F, FLOATS, 0)).mul(step).intoArray(numbers, i);
    }
    for (; i < count; i++) {
      numbers[i] = (symbols[i] - limit) * step;
    }
  }

  @Override
  public void join(
      byte[] symbols,
      byte[] low,
      int count,
      int limit,
      float scale,
      int half,
      float step,
      float[] numbers) {
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      IntVector high =
          (IntVector) ByteVector.fromArray(BYTES, symbols, i).convertShape(B2I, INTS, 0);
      IntVector rest = (IntVector) ByteVector.fromArray(BYTES, low, i).convertShape(B2I, INTS, 0);
      ((FloatVector) high.sub(limit).convertShape(I2F, FLOATS, 0))
          .mul(scale)
          .add((FloatVector) rest.sub(half).convertShape(I2F, FLOATS, 0))
          .mul(step)
          .intoArray(numbers, i);
    }
    for (; i < count; i++) {
      numbers[i] = ((symbols[i] - limit) * scale + (low[i] - half)) * step;
    }
  }

  @Override
  public int ends(byte[] symbols, int count, int top, int[] places) {
    int found = 0;
    int i = 0;
    for (; i <= count - WIDE.length(); i += WIDE.length()) {
      ByteVector next = ByteVector.fromArray(WIDE, symbols, i);
      long bits = next.compare(EQ, 0).or(next.compare(EQ, (byte) top)).toLong();
      for (; bits != 0; bits &= bits - 1) {
        if (found < places.length) {
          places[found] = i + Long.numberOfTrailingZeros(bits);
        }
        found++;
      }
    }
    for (; i < count; i++) {
      if (symbols[i] == 0 || symbols[i] == top) {
        if (found < places.length) {
          places[found] = i;
        }
        found++;
      }
    }
    return found;
  }

  @Override
  public void add(
      float[] numbers,
      int at,
      float[] rows,
      int[] from,
      float[] weights,
      int row,
      int count,
      int channels) {
    int next = at;
    for (int i = row; i < row + count; i++) {
      int to = (i + 1) * channels;
      int source = from[i];
      float weight = weights[i];
      int c = 0;
      for (; c <= channels - LANES; c += LANES) {
        FloatVector.fromArray(FLOATS, rows, source + c)
            .mul(weight)
            .add(FloatVector.fromArray(FLOATS, numbers, next + c))
            .intoArray(rows, to + c);
      }
      for (; c < channels; c++) {
        rows[to + c] = rows[source + c] * weight + numbers[next + c];
      }
      next += channels;
    }
  }

  @Override
  public void shift(
      float[] rows, int from, float[] means, int mean, float[] target, int to, int count) {
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      FloatVector.fromArray(FLOATS, rows, from + i)
          .add(FloatVector.fromArray(FLOATS, means, mean + i))
          .intoArray(target, to + i);
    }
    for (; i < count; i++) {
      target[to + i] = rows[from + i] + means[mean + i];
    }
  }

  @Override
  public void turn(
      float[] rows,
      int from,
      float[] means,
      int mean,
      float[] cosines,
      float[] sines,
      int angle,
      int pairs,
      float[] target,
      int to) {
    int whole = FLOATS.loopBound(pairs);
    for (int i = 0; i < whole; i += FLOATS.length()) {
      FloatVector x =
          FloatVector.fromArray(FLOATS, rows, from + i)
              .add(FloatVector.fromArray(FLOATS, means, mean + i));
      FloatVector y =
          FloatVector.fromArray(FLOATS, rows, from + pairs + i)
              .add(FloatVector.fromArray(FLOATS, means, mean + pairs + i));
      FloatVector c = FloatVector.fromArray(FLOATS, cosines, angle + i);
      FloatVector s = FloatVector.fromArray(FLOATS, sines, angle + i);
      x.mul(c).sub(y.mul(s)).intoArray(target, to + i);
      x.mul(s).add(y.mul(c)).intoArray(target, to + pairs + i);
    }
    for (int i = whole; i < pairs; i++) {
      float x = rows[from + i] + means[mean + i];
      float y = rows[from + pairs + i] + means[mean + pairs + i];
      float c = cosines[angle + i];
      float s = sines[angle + i];
      target[to + i] = x * c - y * s;
      target[to + pairs + i] = x * s + y * c;
    }
  }
}
