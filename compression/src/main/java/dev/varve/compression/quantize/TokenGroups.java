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
 * Consecutive channels of one token share a scale. Head by head: {@code [tokens][groups]} of scale
 * and zero, then {@code [tokens]} packed rows. A token depends on no other.
 */
final class TokenGroups implements EncodedRows {
  private final UniformFormat format;
  private final SectionShape shape;
  private final QuantizeKernel kernel;
  private final int group;
  private final int groups;
  private final AffineFit fit;
  private final float[] range = new float[2];
  private final byte[] codes;

  TokenGroups(UniformFormat format, SectionShape shape, QuantizeKernel kernel) {
    this.format = format;
    this.shape = shape;
    this.kernel = kernel;
    this.group = format.groupSize(shape);
    this.groups = shape.dim() / group;
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
    return shape.heads() * headBytes(tokens);
  }

  @Override
  public ErrorBound bound() {
    return UniformLimits.bound(format);
  }

  @Override
  public EncodeResult encode(SectionFloats floats, CodecContext context, MemorySegment target) {
    for (int head = 0; head < shape.heads(); head++) {
      for (int token = 0; token < floats.tokens(); token++) {
        int at = floats.at(head, token);
        for (int g = 0; g < groups; g++) {
          kernel.range(floats.values(), at + g * group, group, range);
          if (!fit.fit(range[0], range[1])) {
            return UniformLimits.outOfRange(shape, range[0], range[1]);
          }
          writeParameters(target, parameters(floats.tokens(), head, token, g));
          kernel.quantize(
              floats.values(),
              at + g * group,
              group,
              fit.zero(),
              fit.inverse(),
              fit.top(),
              codes,
              g * group);
        }
        long offset = rowOffset(floats.tokens(), head, token);
        kernel.pack(codes, shape.dim(), format.bits(), target, offset);
      }
    }
    return new EncodeResult.Encoded(maxBytes(floats.tokens()));
  }

  private void writeParameters(MemorySegment target, long offset) {
    Parameters.write(fit.scale(), target, offset);
    if (!format.symmetric()) {
      Parameters.write(fit.zero(), target, offset + Short.BYTES);
    }
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
    kernel.unpack(source, rowOffset(tokens, head, token), shape.dim(), format.bits(), codes);
    for (int g = 0; g < groups; g++) {
      long offset = parameters(tokens, head, token, g);
      float scale = Parameters.read(source, offset);
      float zero = zero(source, offset, scale);
      kernel.dequantize(codes, g * group, group, zero, scale, values, at + g * group);
    }
  }

  private float zero(MemorySegment source, long offset, float scale) {
    return format.symmetric()
        ? AffineFit.impliedZero(fit.top(), scale)
        : Parameters.read(source, offset + Short.BYTES);
  }

  private long headBytes(int tokens) {
    return (long) tokens * (groups * format.parameterBytes() + rowBytes());
  }

  private int rowBytes() {
    return shape.dim() * format.bits() / Byte.SIZE;
  }

  private long parameters(int tokens, int head, int token, int g) {
    return head * headBytes(tokens) + ((long) token * groups + g) * format.parameterBytes();
  }

  private long rowOffset(int tokens, int head, int token) {
    long codesOffset = parameters(tokens, head, tokens, 0);
    return codesOffset + (long) token * rowBytes();
  }
}
