package dev.varve.compression.calibrated;

import dev.varve.compression.SectionFloats;
import dev.varve.compression.SectionShape;
import dev.varve.compression.gear.OutlierFilter;
import dev.varve.compression.quantize.Half;

/**
 * The numbers of a token in all heads without its outliers, and the range they lie in, rounded
 * outwards to f16. For one thread at a time.
 */
final class TokenRange {
  private static final int ONE_IN = 200;

  private final SectionShape shape;
  private final OutlierFilter filter;
  private final float[] vector;
  private float low;
  private float range;

  TokenRange(SectionShape shape) {
    this.shape = shape;
    this.filter = new OutlierFilter(shape.channels(), outliers(shape) / 2);
    this.vector = new float[shape.channels()];
  }

  /** Outliers of a token: about one in a hundred, one at least, as many at either end. */
  static int outliers(SectionShape shape) {
    return 2 * Math.min(Math.max(1, shape.channels() / ONE_IN), shape.channels() / 2);
  }

  /** Takes up a token; false if its range is beyond f16. */
  boolean load(SectionFloats floats, int token) {
    for (int head = 0; head < shape.heads(); head++) {
      System.arraycopy(
          floats.values(), floats.at(head, token), vector, head * shape.dim(), shape.dim());
    }
    filter.filter(vector, vector.length);
    float lowest = vector[0];
    float highest = vector[0];
    for (float number : vector) {
      lowest = Math.min(lowest, number);
      highest = Math.max(highest, number);
    }
    low = Half.down(lowest);
    range = Half.up((double) highest - low);
    return Float.isFinite(low) && Float.isFinite(range);
  }

  /** What was picked out of the token. */
  OutlierFilter outliers() {
    return filter;
  }

  /** The lower end. */
  float low() {
    return low;
  }

  /** The upper end less the lower one. */
  float range() {
    return range;
  }

  /** Element {@code j} of {@code head}, -1 at the lower end and 1 at the upper. */
  float steps(int head, int j) {
    return range == 0 ? -1 : (vector[head * shape.dim() + j] - low) * (2 / range) - 1;
  }
}
