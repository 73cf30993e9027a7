package dev.varve.compression.quantize;

import dev.varve.compression.CodecContext;
import dev.varve.compression.DecodeResult;
import dev.varve.compression.EncodeResult;
import dev.varve.compression.EncodedRows;
import dev.varve.compression.ErrorBound;
import dev.varve.compression.SectionFloats;
import dev.varve.compression.SectionShape;
import dev.varve.store.kernel.DtypeLayouts;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

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
  private final byte[] codes;
  private float[] zeros = {};
  private float[] inverses = {};
  private short[] parameters = {};
  private byte[] headCodes = {};

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

  /** Head by head in three passes, so that no group waits for the one before. */
  @Override
  public EncodeResult encode(SectionFloats floats, CodecContext context, MemorySegment target) {
    int tokens = floats.tokens();
    int count = tokens * groups;
    reserve(tokens);
    for (int head = 0; head < shape.heads() && tokens > 0; head++) {
      int at = floats.at(head, 0);
      if (format.symmetric()) {
        kernel.peaks(floats.values(), at, count, group, zeros, inverses);
      } else {
        kernel.ranges(floats.values(), at, count, group, zeros, inverses);
      }
      int fitted = fit.fitAll(kernel, zeros, inverses, count, parameters);
      if (fitted < count) {
        return UniformLimits.outOfRange(shape, zeros[fitted], inverses[fitted]);
      }
      kernel.quantizeGroups(
          floats.values(), at, count, group, zeros, inverses, fit.top(), headCodes);
      int numbers = format.symmetric() ? count : 2 * count;
      MemorySegment.copy(
          parameters, 0, target, DtypeLayouts.SHORT, parameters(tokens, head, 0, 0), numbers);
      pack(tokens, head, target);
    }
    return new EncodeResult.Encoded(maxBytes(tokens));
  }

  /** Room for one head; row by row readers need none. */
  private void reserve(int tokens) {
    if (headCodes.length < tokens * shape.dim()) {
      int most = Math.max(tokens, shape.blockTokens());
      zeros = new float[most * groups];
      inverses = new float[most * groups];
      parameters = new short[2 * most * groups];
      headCodes = new byte[most * shape.dim()];
    }
  }

  private void pack(int tokens, int head, MemorySegment target) {
    long offset = rowOffset(tokens, head, 0);
    int dim = shape.dim();
    if (format.bits() == Byte.SIZE) {
      MemorySegment.copy(headCodes, 0, target, ValueLayout.JAVA_BYTE, offset, tokens * dim);
      return;
    }
    kernel.packRows(headCodes, tokens, dim, format.bits(), target, offset);
  }

  @Override
  public DecodeResult decode(MemorySegment source, SectionFloats floats) {
    int tokens = floats.tokens();
    if (source.byteSize() != maxBytes(tokens)) {
      return Lengths.refused(format.name(), source.byteSize(), tokens, maxBytes(tokens));
    }
    reserve(tokens);
    for (int head = 0; head < shape.heads() && tokens > 0; head++) {
      decodeHead(source, tokens, head, floats.values(), floats.at(head, 0));
    }
    return new DecodeResult.Decoded(tokens);
  }

  private void decodeHead(MemorySegment source, int tokens, int head, float[] values, int at) {
    int count = tokens * groups;
    int dim = shape.dim();
    int numbers = format.symmetric() ? count : 2 * count;
    MemorySegment.copy(
        source, DtypeLayouts.SHORT, parameters(tokens, head, 0, 0), parameters, 0, numbers);
    if (format.symmetric()) {
      scales(count);
    } else {
      scalesAndZeros(count);
    }
    long offset = rowOffset(tokens, head, 0);
    if (format.bits() == Byte.SIZE) {
      MemorySegment.copy(source, ValueLayout.JAVA_BYTE, offset, headCodes, 0, tokens * dim);
    } else {
      kernel.unpackRows(source, offset, tokens, dim, format.bits(), headCodes);
    }
    kernel.dequantizeGroups(headCodes, count, group, zeros, inverses, values, at);
  }

  private void scales(int count) {
    for (int g = 0; g < count; g++) {
      inverses[g] = Float.float16ToFloat(parameters[g]);
    }
    for (int g = 0; g < count; g++) {
      zeros[g] = AffineFit.impliedZero(fit.top(), inverses[g]);
    }
  }

  private void scalesAndZeros(int count) {
    for (int g = 0; g < count; g++) {
      inverses[g] = Float.float16ToFloat(parameters[2 * g]);
      zeros[g] = Float.float16ToFloat(parameters[2 * g + 1]);
    }
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
