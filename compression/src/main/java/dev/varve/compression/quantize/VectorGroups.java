package dev.varve.compression.quantize;

import dev.varve.compression.CodecContext;
import dev.varve.compression.DecodeResult;
import dev.varve.compression.EncodeResult;
import dev.varve.compression.EncodedRows;
import dev.varve.compression.ErrorBound;
import dev.varve.compression.SectionFloats;
import dev.varve.compression.SectionShape;
import java.lang.foreign.MemorySegment;

/**
 * All channels of a token in all heads share a scale: {@code [tokens]} of scale and zero, then
 * {@code [heads][tokens]} packed rows. A token depends on no other.
 */
final class VectorGroups implements EncodedRows {
  private static final int PARAMETER_BYTES = 2 * Short.BYTES;

  private final UniformFormat format;
  private final SectionShape shape;
  private final QuantizeKernel kernel;
  private final AffineFit fit;
  private final float[] range = new float[2];
  private final byte[] codes;

  VectorGroups(UniformFormat format, SectionShape shape, QuantizeKernel kernel) {
    this.format = format;
    this.shape = shape;
    this.kernel = kernel;
    this.fit = new AffineFit(format.bits(), format.symmetric());
    this.codes = new byte[shape.dim()];
  }

  @Override
  public SectionShape shape() {
    return shape;
  }

  @Override
  public int tokenGroup() {
    return 1;
  }

  @Override
  public long maxBytes(int tokens) {
    return rowOffset(tokens, shape.heads(), 0);
  }

  @Override
  public ErrorBound bound() {
    return UniformLimits.bound(format);
  }

  @Override
  public EncodeResult encode(SectionFloats floats, CodecContext context, MemorySegment target) {
    for (int token = 0; token < floats.tokens(); token++) {
      float lowest = Float.POSITIVE_INFINITY;
      float highest = Float.NEGATIVE_INFINITY;
      for (int head = 0; head < shape.heads(); head++) {
        kernel.range(floats.values(), floats.at(head, token), shape.dim(), range);
        lowest = Math.min(lowest, range[0]);
        highest = Math.max(highest, range[1]);
      }
      if (!fit.fit(lowest, highest)) {
        return UniformLimits.outOfRange(shape, lowest, highest);
      }
      Parameters.write(fit.scale(), target, (long) token * PARAMETER_BYTES);
      Parameters.write(fit.zero(), target, (long) token * PARAMETER_BYTES + Short.BYTES);
      for (int head = 0; head < shape.heads(); head++) {
        encodeRow(floats, head, token, target);
      }
    }
    return new EncodeResult.Encoded(maxBytes(floats.tokens()));
  }

  private void encodeRow(SectionFloats floats, int head, int token, MemorySegment target) {
    kernel.quantize(
        floats.values(),
        floats.at(head, token),
        shape.dim(),
        fit.zero(),
        fit.inverse(),
        fit.top(),
        codes,
        0);
    long offset = rowOffset(floats.tokens(), head, token);
    kernel.pack(codes, shape.dim(), format.bits(), target, offset);
  }

  @Override
  public DecodeResult decode(MemorySegment source, SectionFloats floats) {
    int tokens = floats.tokens();
    if (source.byteSize() != maxBytes(tokens)) {
      return Lengths.refused(format.name(), source.byteSize(), tokens, maxBytes(tokens));
    }
    for (int head = 0; head < shape.heads(); head++) {
      for (int token = 0; token < tokens; token++) {
        decodeRow(source, tokens, head, token, floats.values(), floats.at(head, token));
      }
    }
    return new DecodeResult.Decoded(tokens);
  }

  @Override
  public void decodeRow(
      MemorySegment source, int tokens, int head, int token, float[] values, int at) {
    float scale = Parameters.read(source, (long) token * PARAMETER_BYTES);
    float zero = Parameters.read(source, (long) token * PARAMETER_BYTES + Short.BYTES);
    kernel.unpack(source, rowOffset(tokens, head, token), shape.dim(), format.bits(), codes);
    kernel.dequantize(codes, 0, shape.dim(), zero, scale, values, at);
  }

  private long rowOffset(int tokens, int head, int token) {
    long rowBytes = (long) shape.dim() * format.bits() / Byte.SIZE;
    return (long) tokens * PARAMETER_BYTES + ((long) head * tokens + token) * rowBytes;
  }
}
