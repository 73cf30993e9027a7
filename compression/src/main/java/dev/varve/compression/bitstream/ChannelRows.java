package dev.varve.compression.bitstream;

import dev.varve.compression.SectionFloats;
import dev.varve.compression.SectionShape;
import dev.varve.compression.quantize.QuantizeKernel;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A section as rows of all channels, {@code [tokens][heads * dim]}, turned back by {@link KeyTurns}
 * and without the mean of each channel. Means are whole multiples, up to 127, of a unit. For one
 * thread at a time.
 */
final class ChannelRows {
  private static final int MOST = 127;

  private final SectionShape shape;
  private final KeyTurns turns;
  private final MeanKernel kernel;
  private final QuantizeKernel ends;
  private final double[] sums;
  private final float[] range = new float[2];
  private final float[] rows;
  private final byte[] means;
  private final float[] offsets;

  ChannelRows(SectionShape shape, Backend backend) {
    this.shape = shape;
    this.turns = new KeyTurns(shape, backend);
    this.kernel = MeanKernel.of(backend);
    this.ends = QuantizeKernel.of(backend);
    this.sums = new double[shape.channels()];
    this.rows = new float[shape.blockTokens() * shape.channels()];
    this.means = new byte[shape.channels()];
    this.offsets = new float[shape.channels()];
  }

  /** The rows; not a copy. */
  float[] rows() {
    return rows;
  }

  /** The means in units; not a copy. */
  byte[] means() {
    return means;
  }

  /** Takes the rows from {@code floats}; the largest magnitude. */
  float load(SectionFloats floats) {
    int dim = shape.dim();
    int channels = shape.channels();
    ends.range(floats.values(), 0, shape.values(floats.tokens()), range);
    for (int head = 0; head < shape.heads(); head++) {
      for (int token = 0; token < floats.tokens(); token++) {
        int to = token * channels + head * dim;
        turns.back(floats.values(), floats.at(head, token), token, rows, to);
      }
    }
    return Math.max(-range[0], range[1]);
  }

  /** Takes the mean out of every channel; the unit of the means. */
  float takeMeansOut(int tokens) {
    int channels = shape.channels();
    kernel.sums(rows, tokens, channels, sums);
    double largest = 0;
    for (double sum : sums) {
      largest = Math.max(largest, Math.abs(sum));
    }
    float unit = (float) (largest / tokens / MOST);
    double inverse = unit > Float.MIN_NORMAL ? 1.0 / unit / tokens : 0;
    for (int c = 0; c < channels; c++) {
      means[c] = (byte) Math.clamp(Math.round(sums[c] * inverse), -MOST, MOST);
      offsets[c] = means[c] * unit;
    }
    kernel.subtract(rows, tokens, channels, offsets, sums);
    return unit;
  }

  /** Root mean square of all elements after {@link #takeMeansOut}. */
  float deviation(int tokens) {
    double squares = 0;
    for (double ofChannel : sums) {
      squares += ofChannel;
    }
    return (float) Math.sqrt(squares / (tokens * shape.channels()));
  }

  /** Takes the means from {@code source}. */
  void readMeans(MemorySegment source) {
    MemorySegment.copy(source, ValueLayout.JAVA_BYTE, 0, means, 0, means.length);
  }

  /**
   * Puts means and turns back into the rows of {@link PredictedRows#decoded} and hands them to
   * {@code floats}.
   */
  void store(float[] decoded, float unit, SectionFloats floats) {
    int dim = shape.dim();
    int channels = shape.channels();
    float[] values = floats.values();
    for (int c = 0; c < channels; c++) {
      offsets[c] = means[c] * unit;
    }
    for (int head = 0; head < shape.heads(); head++) {
      for (int token = 0; token < floats.tokens(); token++) {
        int from = (token + 1) * channels + head * dim;
        turns.forth(decoded, from, offsets, head * dim, token, values, floats.at(head, token));
      }
    }
  }
}
