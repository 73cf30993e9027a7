package dev.varve.compression.bitstream;

import static jdk.incubator.vector.VectorOperators.F2D;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** As many elements at a time as a vector of doubles holds; columns beyond go the plain way. */
final class VectorMeanKernel implements MeanKernel {
  private static final VectorSpecies<Float> WIDE = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Double> DOUBLES =
      WIDE.vectorBitSize() > 256 ? DoubleVector.SPECIES_512 : DoubleVector.SPECIES_256;
  private static final VectorSpecies<Float> FLOATS =
      WIDE.vectorBitSize() > 256 ? FloatVector.SPECIES_256 : FloatVector.SPECIES_128;
  private static final int LANES = DOUBLES.length();

  @Override
  public void back(
      float[] source,
      int from,
      float[] cosines,
      float[] sines,
      int angle,
      int pairs,
      float[] target,
      int to) {
    int i = 0;
    for (; i <= pairs - LANES; i += LANES) {
      FloatVector x = FloatVector.fromArray(FLOATS, source, from + i);
      FloatVector y = FloatVector.fromArray(FLOATS, source, from + pairs + i);
      FloatVector c = FloatVector.fromArray(FLOATS, cosines, angle + i);
      FloatVector s = FloatVector.fromArray(FLOATS, sines, angle + i);
      x.mul(c).add(y.mul(s)).intoArray(target, to + i);
      y.mul(c).sub(x.mul(s)).intoArray(target, to + pairs + i);
    }
    for (; i < pairs; i++) {
      float x = source[from + i];
      float y = source[from + pairs + i];
      float c = cosines[angle + i];
      float s = sines[angle + i];
      target[to + i] = x * c + y * s;
      target[to + pairs + i] = y * c - x * s;
    }
  }

  @Override
  public void sums(float[] rows, int count, int channels, double[] sums) {
    int all = count * channels;
    int c = 0;
    for (; c <= channels - LANES; c += LANES) {
      DoubleVector sum = DoubleVector.zero(DOUBLES);
      for (int at = c; at < all; at += channels) {
        FloatVector next = FloatVector.fromArray(FLOATS, rows, at);
        sum = sum.add(next.convertShape(F2D, DOUBLES, 0));
      }
      sum.intoArray(sums, c);
    }
    for (; c < channels; c++) {
      sums[c] = 0;
      for (int at = c; at < all; at += channels) {
        sums[c] += rows[at];
      }
    }
  }

  @Override
  public void subtract(float[] rows, int count, int channels, float[] means, double[] squares) {
    int all = count * channels;
    int c = 0;
    for (; c <= channels - LANES; c += LANES) {
      DoubleVector sum = DoubleVector.zero(DOUBLES);
      FloatVector mean = FloatVector.fromArray(FLOATS, means, c);
      for (int at = c; at < all; at += channels) {
        FloatVector rest = FloatVector.fromArray(FLOATS, rows, at).sub(mean);
        rest.intoArray(rows, at);
        DoubleVector exact = (DoubleVector) rest.convertShape(F2D, DOUBLES, 0);
        sum = sum.add(exact.mul(exact));
      }
      sum.intoArray(squares, c);
    }
    for (; c < channels; c++) {
      squares[c] = 0;
      for (int at = c; at < all; at += channels) {
        rows[at] -= means[c];
        squares[c] += (double) rows[at] * rows[at];
      }
    }
  }
}
