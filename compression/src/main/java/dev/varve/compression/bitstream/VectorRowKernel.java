package dev.varve.compression.bitstream;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** 16 elements at a time, on machines with shorter vectors as many as these hold. */
final class VectorRowKernel implements RowKernel {
  private static final VectorSpecies<Float> FLOATS = species();
  private static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(FLOATS.length() * Byte.SIZE));

  private final ScalarRowKernel scalar = new ScalarRowKernel();

  /** Of at least 256 bits, so that the bytes of as many elements fill a vector of their own. */
  private static VectorSpecies<Float> species() {
    return FloatVector.SPECIES_PREFERRED.vectorBitSize() > 256
        ? FloatVector.SPECIES_512
        : FloatVector.SPECIES_256;
  }

  @Override
  public void add(
      byte[] symbols,
      int at,
      int limit,
      float step,
      float[] rows,
      int from,
      float weight,
      int to,
      int count) {
    int whole = FLOATS.loopBound(count);
    for (int i = 0; i < whole; i += FLOATS.length()) {
      FloatVector number =
          (FloatVector)
              ByteVector.fromArray(BYTES, symbols, at + i)
                  .sub((byte) limit)
                  .convertShape(VectorOperators.B2F, FLOATS, 0);
      FloatVector.fromArray(FLOATS, rows, from + i)
          .mul(weight)
          .add(number.mul(step))
          .intoArray(rows, to + i);
    }
    scalar.add(
        symbols, at + whole, limit, step, rows, from + whole, weight, to + whole, count - whole);
  }

  @Override
  public void join(
      byte[] symbols, byte[] low, int at, int limit, float scale, int half, float[] numbers) {
    int whole = FLOATS.loopBound(numbers.length);
    for (int i = 0; i < whole; i += FLOATS.length()) {
      FloatVector number =
          (FloatVector)
              ByteVector.fromArray(BYTES, symbols, at + i)
                  .sub((byte) limit)
                  .convertShape(VectorOperators.B2F, FLOATS, 0);
      FloatVector rest =
          (FloatVector)
              ByteVector.fromArray(BYTES, low, at + i)
                  .sub((byte) half)
                  .convertShape(VectorOperators.B2F, FLOATS, 0);
      number.mul(scale).add(rest).intoArray(numbers, i);
    }
    for (int i = whole; i < numbers.length; i++) {
      numbers[i] = (symbols[at + i] - limit) * scale + (low[at + i] - half);
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
