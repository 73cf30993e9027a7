package dev.varve.compression.bitstream;

import static jdk.incubator.vector.VectorOperators.F2D;

import java.util.Arrays;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** As many elements at a time as a vector of doubles holds; what is beyond goes the plain way. */
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

  // Row after row, for columns of many channels lie so far apart that they share few sets of the
  // cache.
  @Override
  public void sums(float[] rows, int count, int channels, double[] sums) {
    Arrays.fill(sums, 0, channels, 0);
    for (int row = 0; row < count; row++) {
      int at = row * channels;
      int c = 0;
      for (; c <= channels - LANES; c += LANES) {
        DoubleVector next =
            (DoubleVector)
                FloatVector.fromArray(FLOATS, rows, at + c).convertShape(F2D, DOUBLES, 0);
        DoubleVector.fromArray(DOUBLES, sums, c).add(next).intoArray(sums, c);
      }
      for (; c < channels; c++) {
        sums[c] += rows[at + c];
      }
    }
  }

  @Override
  public void subtract(float[] rows, int count, int channels, float[] means, double[] squares) {
    Arrays.fill(squares, 0, channels, 0);
    for (int row = 0; row < count; row++) {
      int at = row * channels;
      int c = 0;
      for (; c <= channels - LANES; c += LANES) {
        FloatVector rest =
            FloatVector.fromArray(FLOATS, rows, at + c)
                .sub(FloatVector.fromArray(FLOATS, means, c));
        rest.intoArray(rows, at + c);
        DoubleVector exact = (DoubleVector) rest.convertShape(F2D, DOUBLES, 0);
        DoubleVector.fromArray(DOUBLES, squares, c).add(exact.mul(exact)).intoArray(squares, c);
      }
      for (; c < channels; c++) {
        rows[at + c] -= means[c];
        squares[c] += (double) rows[at + c] * rows[at + c];
      }
    }
  }
}
