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

/**
 * Consecutive channels of one token share a scale. Head by head: {@code [tokens][groups]} of scale
 * and zero, then {@code [tokens]} packed rows. A token depends on no other.
 */
final class TokenGroups implements EncodedRows {
  /** Values of a pass: 16 KiB of floats. */
  private static final int PASS_VALUES = 4096;

  private final UniformFormat format;
  private final SectionShape shape;
  private final QuantizeKernel kernel;
  private final int group;
  private final int groups;
  private final AffineFit fit;
  private final int pass;
  private final float[] zeros;
  private final float[] inverses;
  private final short[] parameters;
  private final float[] converted;
  private final byte[] codes;

  TokenGroups(UniformFormat format, SectionShape shape, QuantizeKernel kernel) {
    this.format = format;
    this.shape = shape;
    this.kernel = kernel;
    this.group = format.groupSize(shape);
    this.groups = shape.dim() / group;
    this.fit = new AffineFit(format.bits(), format.symmetric());
    this.pass = Math.max(1, PASS_VALUES / shape.dim());
    this.zeros = new float[pass * groups];
    this.inverses = new float[pass * groups];
    this.parameters = new short[2 * pass * groups];
    this.converted = new float[2 * pass * groups];
    this.codes = new byte[pass * shape.dim()];
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

  /**
   * A few tokens of a head at a time, which stay in the nearest cache; all their groups in three
   * passes, so that no group waits for the one before.
   */
  @Override
  public EncodeResult encode(SectionFloats floats, CodecContext context, MemorySegment target) {
    int tokens = floats.tokens();
    for (int head = 0; head < shape.heads(); head++) {
      for (int token = 0; token < tokens; token += pass) {
        int count = Math.min(pass, tokens - token) * groups;
        int fitted = encodePass(floats, head, token, count, target);
        if (fitted < count) {
          return UniformLimits.outOfRange(shape, zeros[fitted], inverses[fitted]);
        }
      }
    }
    return new EncodeResult.Encoded(maxBytes(tokens));
  }

  private int encodePass(
      SectionFloats floats, int head, int token, int count, MemorySegment target) {
    float[] values = floats.values();
    int at = floats.at(head, token);
    if (format.symmetric()) {
      kernel.peaks(values, at, count, group, zeros, inverses);
    } else {
      kernel.ranges(values, at, count, group, zeros, inverses);
    }
    int fitted = fit.fitAll(kernel, zeros, inverses, count, parameters);
    if (fitted < count) {
      return fitted;
    }
    int tokens = floats.tokens();
    int numbers = format.symmetric() ? count : 2 * count;
    MemorySegment.copy(
        parameters, 0, target, DtypeLayouts.SHORT, parameters(tokens, head, token, 0), numbers);
    long offset = rowOffset(tokens, head, token);
    kernel.quantizeGroups(values, at, count, group, zeros, inverses, codes);
    kernel.packRows(codes, count / groups, shape.dim(), format.bits(), target, offset);
    return count;
  }

  @Override
  public DecodeResult decode(MemorySegment source, SectionFloats floats) {
    int tokens = floats.tokens();
    if (source.byteSize() != maxBytes(tokens)) {
      return Lengths.refused(format.name(), source.byteSize(), tokens, maxBytes(tokens));
    }
    for (int head = 0; head < shape.heads(); head++) {
      for (int token = 0; token < tokens; token += pass) {
        decodePass(source, floats, head, token, Math.min(pass, tokens - token) * groups);
      }
    }
    return new DecodeResult.Decoded(tokens);
  }

  private void decodePass(
      MemorySegment source, SectionFloats floats, int head, int token, int count) {
    int tokens = floats.tokens();
    int numbers = format.symmetric() ? count : 2 * count;
    MemorySegment.copy(
        source, DtypeLayouts.SHORT, parameters(tokens, head, token, 0), parameters, 0, numbers);
    if (format.symmetric()) {
      scales(count);
    } else {
      scalesAndZeros(count);
    }
    long offset = rowOffset(tokens, head, token);
    int at = floats.at(head, token);
    if (format.bits() == Byte.SIZE) {
      kernel.readBytes(source, offset, count, group, zeros, inverses, floats.values(), at);
    } else {
      kernel.unpackRows(source, offset, count / groups, shape.dim(), format.bits(), codes);
      kernel.dequantizeGroups(codes, count, group, zeros, inverses, floats.values(), at);
    }
  }

  private void scales(int count) {
    for (int g = 0; g < count; g++) {
      inverses[g] = Float.float16ToFloat(parameters[g]);
    }
    for (int g = 0; g < count; g++) {
      zeros[g] = AffineFit.impliedZero(fit.top(), inverses[g]);
    }
  }

  /** Converts first and then takes apart, which is two loops without a conversion of one number. */
  private void scalesAndZeros(int count) {
    for (int i = 0; i < 2 * count; i++) {
      converted[i] = Float.float16ToFloat(parameters[i]);
    }
    for (int g = 0; g < count; g++) {
      inverses[g] = converted[2 * g];
      zeros[g] = converted[2 * g + 1];
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
