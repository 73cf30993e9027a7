package dev.varve.compression.bitstream;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.F2I;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.I2B;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.MAX;
import static jdk.incubator.vector.VectorOperators.MIN;
import static jdk.incubator.vector.VectorOperators.OR;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** As many elements at a time as a vector holds; the rest of a row goes the plain way. */
final class VectorNumberKernel implements NumberKernel {
  private static final VectorSpecies<Float> FLOATS =
      FloatVector.SPECIES_PREFERRED.vectorBitSize() > 256
          ? FloatVector.SPECIES_512
          : FloatVector.SPECIES_256;
  private static final VectorSpecies<Integer> INTS = FLOATS.withLanes(int.class);
  private static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(FLOATS.length() * Byte.SIZE));
  private static final int LANES = FLOATS.length();

  @Override
  public int quantize(
      float[] rows,
      int at,
      int channels,
      float[] decoded,
      int from,
      float weight,
      float step,
      float rounding,
      int[] numbers) {
    float inverse = 1 / step;
    int to = at + channels;
    IntVector anyLane = IntVector.zero(INTS);
    int i = 0;
    for (; i <= channels - LANES; i += LANES) {
      FloatVector prediction = FloatVector.fromArray(FLOATS, decoded, from + i).mul(weight);
      FloatVector steps = FloatVector.fromArray(FLOATS, rows, at + i).sub(prediction).mul(inverse);
      IntVector number = (IntVector) steps.abs().add(rounding).convertShape(F2I, INTS, 0);
      VectorMask<Integer> negative = steps.compare(LT, 0).cast(INTS);
      number = number.blend(number.neg(), negative);
      number.intoArray(numbers, at + i);
      anyLane = anyLane.or(number);
      prediction
          .add(((FloatVector) number.convertShape(I2F, FLOATS, 0)).mul(step))
          .intoArray(decoded, to + i);
    }
    int any = anyLane.reduceLanes(OR);
    for (; i < channels; i++) {
      float prediction = decoded[from + i] * weight;
      float steps = (rows[at + i] - prediction) * inverse;
      int number = (int) (Math.abs(steps) + rounding);
      number = steps < 0 ? -number : number;
      numbers[at + i] = number;
      decoded[to + i] = prediction + number * step;
      any |= number;
    }
    return any;
  }

  @Override
  public void range(int[] numbers, int count, int[] range) {
    IntVector smallest = IntVector.zero(INTS);
    IntVector largest = smallest;
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      IntVector number = IntVector.fromArray(INTS, numbers, i);
      smallest = smallest.min(number);
      largest = largest.max(number);
    }
    range[0] = smallest.reduceLanes(MIN);
    range[1] = largest.reduceLanes(MAX);
    for (; i < count; i++) {
      range[0] = Math.min(range[0], numbers[i]);
      range[1] = Math.max(range[1], numbers[i]);
    }
  }

  @Override
  public int beyond(int[] numbers, int count, int half, int lowBits, int most) {
    int beyond = 0;
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      IntVector high =
          IntVector.fromArray(INTS, numbers, i).add(half).lanewise(ASHR, lowBits).abs();
      beyond += high.compare(GE, most).trueCount();
    }
    for (; i < count; i++) {
      beyond += Math.abs((numbers[i] + half) >> lowBits) >= most ? 1 : 0;
    }
    return beyond;
  }

  @Override
  public void split(
      int[] numbers, int count, int half, int lowBits, int limit, byte[] symbols, byte[] low) {
    int mask = (1 << lowBits) - 1;
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      IntVector number = IntVector.fromArray(INTS, numbers, i).add(half);
      IntVector symbol = number.lanewise(ASHR, lowBits).max(-limit).min(limit).add(limit);
      ((ByteVector) symbol.convertShape(I2B, BYTES, 0)).intoArray(symbols, i);
      if (lowBits > 0) {
        ((ByteVector) number.and(mask).convertShape(I2B, BYTES, 0)).intoArray(low, i);
      }
    }
    for (; i < count; i++) {
      int number = numbers[i] + half;
      symbols[i] = (byte) (Math.min(Math.max(number >> lowBits, -limit), limit) + limit);
      if (lowBits > 0) {
        low[i] = (byte) (number & mask);
      }
    }
  }
}
