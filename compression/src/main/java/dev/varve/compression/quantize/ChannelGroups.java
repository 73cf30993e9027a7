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
 * Consecutive tokens of one channel share a scale. Head by head: {@code [groups]} of {@code [dim]}
 * scales and {@code [dim]} zeros, then {@code [tokens]} packed rows. A group depends on no other.
 */
final class ChannelGroups implements EncodedRows {
  private final UniformFormat format;
  private final SectionShape shape;
  private final QuantizeKernel kernel;
  private final AffineFit fit;
  private final byte[] codes;
  private final float[] lowest;
  private final float[] highest;
  private final float[] scales;
  private final float[] zeros;

  ChannelGroups(UniformFormat format, SectionShape shape, QuantizeKernel kernel) {
    this.format = format;
    this.shape = shape;
    this.kernel = kernel;
    this.fit = new AffineFit(format.bits(), format.symmetric());
    this.codes = new byte[shape.dim()];
    this.lowest = new float[shape.dim()];
    this.highest = new float[shape.dim()];
    this.scales = new float[shape.dim()];
    this.zeros = new float[shape.dim()];
  }

  @Override
  public SectionShape shape() {
    return shape;
  }

  @Override
  public int tokenGroup() {
    return format.group() == UniformFormat.WHOLE ? 1 : format.group();
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
    int tokens = floats.tokens();
    for (int head = 0; head < shape.heads(); head++) {
      for (int g = 0; g < groups(tokens); g++) {
        int misfit = encodeGroup(floats, head, g, target);
        if (misfit >= 0) {
          return UniformLimits.outOfRange(shape, lowest[misfit], highest[misfit]);
        }
      }
    }
    return new EncodeResult.Encoded(maxBytes(tokens));
  }

  /** Returns the channel whose range does not fit, or -1. */
  private int encodeGroup(SectionFloats floats, int head, int g, MemorySegment target) {
    int tokens = floats.tokens();
    int group = group(tokens);
    int first = floats.at(head, g * group);
    System.arraycopy(floats.values(), first, lowest, 0, shape.dim());
    System.arraycopy(floats.values(), first, highest, 0, shape.dim());
    for (int i = 1; i < group; i++) {
      kernel.widen(floats.values(), first + i * shape.dim(), shape.dim(), lowest, highest);
    }
    long offset = parameters(tokens, head, g);
    for (int j = 0; j < shape.dim(); j++) {
      if (!fit.fit(lowest[j], highest[j])) {
        return j;
      }
      Parameters.write(fit.scale(), target, offset + (long) j * Short.BYTES);
      if (!format.symmetric()) {
        Parameters.write(fit.zero(), target, offset + (shape.dim() + (long) j) * Short.BYTES);
      }
      scales[j] = fit.inverse();
      zeros[j] = fit.zero();
    }
    for (int i = 0; i < group; i++) {
      int at = first + i * shape.dim();
      kernel.quantizeEach(floats.values(), at, shape.dim(), zeros, scales, fit.top(), codes);
      kernel.pack(
          codes, shape.dim(), format.bits(), target, rowOffset(tokens, head, g * group + i));
    }
    return -1;
  }

  @Override
  public DecodeResult decode(MemorySegment source, SectionFloats floats) {
    int tokens = floats.tokens();
    if (source.byteSize() != maxBytes(tokens)) {
      return Lengths.refused(format.name(), source.byteSize(), tokens, maxBytes(tokens));
    }
    int group = group(tokens);
    for (int head = 0; head < shape.heads(); head++) {
      for (int token = 0; token < tokens; token++) {
        if (token % group == 0) {
          readParameters(source, tokens, head, token / group);
        }
        decodeCodes(source, tokens, head, token, floats.values(), floats.at(head, token));
      }
    }
    return new DecodeResult.Decoded(tokens);
  }

  @Override
  public void decodeRow(
      MemorySegment source, int tokens, int head, int token, float[] values, int at) {
    readParameters(source, tokens, head, token / group(tokens));
    decodeCodes(source, tokens, head, token, values, at);
  }

  @Override
  public void decodeRows(
      MemorySegment source, int tokens, int head, int from, int to, float[] values, int at) {
    int group = -1;
    for (int token = from; token < to; token++) {
      if (token / group(tokens) != group) {
        group = token / group(tokens);
        readParameters(source, tokens, head, group);
      }
      decodeCodes(source, tokens, head, token, values, at + (token - from) * shape.dim());
    }
  }

  private void readParameters(MemorySegment source, int tokens, int head, int g) {
    long offset = parameters(tokens, head, g);
    for (int j = 0; j < shape.dim(); j++) {
      scales[j] = Parameters.read(source, offset + (long) j * Short.BYTES);
      zeros[j] =
          format.symmetric()
              ? AffineFit.impliedZero(fit.top(), scales[j])
              : Parameters.read(source, offset + (shape.dim() + (long) j) * Short.BYTES);
    }
  }

  private void decodeCodes(
      MemorySegment source, int tokens, int head, int token, float[] values, int at) {
    kernel.unpack(source, rowOffset(tokens, head, token), shape.dim(), format.bits(), codes);
    kernel.dequantizeEach(codes, shape.dim(), zeros, scales, values, at);
  }

  private int group(int tokens) {
    return format.group() == UniformFormat.WHOLE ? tokens : format.group();
  }

  private int groups(int tokens) {
    return tokens == 0 ? 0 : tokens / group(tokens);
  }

  private long groupBytes() {
    return (long) shape.dim() * format.parameterBytes();
  }

  private int rowBytes() {
    return shape.dim() * format.bits() / Byte.SIZE;
  }

  private long headBytes(int tokens) {
    return groups(tokens) * groupBytes() + (long) tokens * rowBytes();
  }

  private long parameters(int tokens, int head, int g) {
    return head * headBytes(tokens) + g * groupBytes();
  }

  private long rowOffset(int tokens, int head, int token) {
    return parameters(tokens, head, groups(tokens)) + (long) token * rowBytes();
  }
}
