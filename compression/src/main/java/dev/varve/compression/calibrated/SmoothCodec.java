package dev.varve.compression.calibrated;

import dev.varve.compression.CodecContext;
import dev.varve.compression.DecodeResult;
import dev.varve.compression.EncodeResult;
import dev.varve.compression.EncodedRows;
import dev.varve.compression.ErrorBound;
import dev.varve.compression.SectionFloats;
import dev.varve.compression.SectionShape;
import java.lang.foreign.MemorySegment;

/**
 * Token groups of divided channels: a row depends on no other. Scores can be had without
 * multiplying keys back, by multiplying the query instead.
 */
final class SmoothCodec implements EncodedRows {
  private static final double ROUNDING = 1 + 0x1p-20;

  private final EncodedRows rows;
  private final int group;
  private final float[] factors;

  /**
   * @param rows writes the divided rows
   * @param group channels that share a scale
   * @param factors by channel of all heads; owned
   */
  SmoothCodec(EncodedRows rows, int group, float[] factors) {
    this.rows = rows;
    this.group = group;
    this.factors = factors;
  }

  @Override
  public SectionShape shape() {
    return rows.shape();
  }

  @Override
  public int tokenGroup() {
    return rows.tokenGroup();
  }

  @Override
  public long maxBytes(int tokens) {
    return rows.maxBytes(tokens);
  }

  /** A step of a group is as wide as its largest factor makes it, its peak as its smallest. */
  @Override
  public ErrorBound bound() {
    if (!(rows.bound() instanceof ErrorBound.OfGroupPeak(double fraction, double floor))) {
      throw new IllegalStateException("token groups promise a share of their peak");
    }
    double ratio = 1;
    double most = 1;
    for (int from = 0; from < factors.length; from += group) {
      float lowest = factors[from];
      float highest = factors[from];
      for (int i = from; i < from + group; i++) {
        lowest = Math.min(lowest, factors[i]);
        highest = Math.max(highest, factors[i]);
      }
      ratio = Math.max(ratio, (double) highest / lowest);
      most = Math.max(most, highest);
    }
    return new ErrorBound.OfGroupPeak(fraction * ratio * ROUNDING, floor * most);
  }

  @Override
  public EncodeResult encode(SectionFloats floats, CodecContext context, MemorySegment target) {
    float[] values = floats.values();
    int dim = shape().dim();
    for (int head = 0; head < shape().heads(); head++) {
      for (int token = 0; token < floats.tokens(); token++) {
        int at = floats.at(head, token);
        for (int j = 0; j < dim; j++) {
          values[at + j] /= factors[head * dim + j];
        }
      }
    }
    return rows.encode(floats, context, target);
  }

  @Override
  public DecodeResult decode(MemorySegment source, SectionFloats floats) {
    DecodeResult result = rows.decode(source, floats);
    if (result instanceof DecodeResult.Decoded) {
      for (int head = 0; head < shape().heads(); head++) {
        for (int token = 0; token < floats.tokens(); token++) {
          multiply(head, floats.values(), floats.at(head, token));
        }
      }
    }
    return result;
  }

  @Override
  public void decodeRow(
      MemorySegment source, int tokens, int head, int token, float[] values, int at) {
    rows.decodeRow(source, tokens, head, token, values, at);
    multiply(head, values, at);
  }

  private void multiply(int head, float[] values, int at) {
    int dim = shape().dim();
    int from = head * dim;
    for (int j = 0; j < dim; j++) {
      values[at + j] *= factors[from + j];
    }
  }
}
