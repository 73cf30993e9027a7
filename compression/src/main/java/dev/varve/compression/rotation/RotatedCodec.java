package dev.varve.compression.rotation;

import dev.varve.compression.CodecContext;
import dev.varve.compression.DecodeResult;
import dev.varve.compression.EncodeResult;
import dev.varve.compression.EncodeResult.Cause;
import dev.varve.compression.EncodedRows;
import dev.varve.compression.ErrorBound;
import dev.varve.compression.SectionFloats;
import dev.varve.compression.SectionShape;
import dev.varve.compression.quantize.CodeRows;
import dev.varve.compression.quantize.Lengths;
import dev.varve.compression.quantize.QuantizeKernel;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeLayouts;
import java.lang.foreign.MemorySegment;

/**
 * {@code [heads][tokens]} scales in binary16, then {@code [heads][tokens]} packed rows; a row of
 * three bits is the lower two bits of all codes, then the third. A row depends on no other.
 */
final class RotatedCodec implements EncodedRows {
  /** Shorter rows become zero: their scale would be no binary16. */
  private static final double SHORTEST = 0x1p-30;

  private static final float LARGEST_SCALE = 65504f;

  private final RotatedFormat format;
  private final SectionShape shape;
  private final CodeRows rows;
  private final Hadamard rotation;
  private final LloydMax codebook;
  private final byte[] codes;
  private final double rootDim;

  RotatedCodec(RotatedFormat format, SectionShape shape, Backend backend) {
    if (shape.dim() < Byte.SIZE) {
      throw new IllegalArgumentException(
          "%s: rows of %d elements do not fill whole bytes".formatted(format.name(), shape.dim()));
    }
    this.format = format;
    this.shape = shape;
    this.rows = new CodeRows(QuantizeKernel.of(backend), shape.dim(), format.bits());
    this.rotation = new Hadamard(shape.dim());
    this.codebook = new LloydMax(format.bits());
    this.codes = new byte[shape.dim()];
    this.rootDim = Math.sqrt(shape.dim());
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

  /** Code and element have the same sign, so the angle between the rows is at most a right one. */
  @Override
  public ErrorBound bound() {
    return new ErrorBound.OfRowNorm(Math.sqrt(2) * (1 + 0x1p-9), ErrorBound.FLOOR * rootDim);
  }

  @Override
  public EncodeResult encode(SectionFloats floats, CodecContext context, MemorySegment target) {
    int tokens = floats.tokens();
    for (int head = 0; head < shape.heads(); head++) {
      for (int token = 0; token < tokens; token++) {
        int at = floats.at(head, token);
        double norm = norm(floats.values(), at);
        if (norm > LARGEST_SCALE * rootDim) {
          return outOfRange(head, token, norm);
        }
        double length = code(floats.values(), at, norm);
        float scale = norm < SHORTEST ? 0f : (float) (norm / length);
        if (scale > LARGEST_SCALE) {
          return outOfRange(head, token, norm);
        }
        short half = Float.floatToFloat16(scale);
        target.set(DtypeLayouts.SHORT, scaleOffset(tokens, head, token), half);
        rows.pack(codes, target, rowOffset(tokens, head, token));
      }
    }
    return new EncodeResult.Encoded(maxBytes(tokens));
  }

  private EncodeResult outOfRange(int head, int token, double norm) {
    return new EncodeResult.Refused(
        Cause.OUT_OF_RANGE,
        "%s of head %d, token %d have the length %s, its 16-bit scale ends at 65504: keep it raw"
            .formatted(shape.section(), head, token, norm));
  }

  private double norm(float[] values, int at) {
    double sum = 0;
    for (int j = 0; j < shape.dim(); j++) {
      sum += (double) values[at + j] * values[at + j];
    }
    return Math.sqrt(sum);
  }

  /** Turns the row, writes its codes, and returns the length of the levels they stand for. */
  private double code(float[] values, int at, double norm) {
    rotation.rotate(values, at);
    float unit = norm < SHORTEST ? 0f : (float) (rootDim / norm);
    double squares = 0;
    for (int j = 0; j < shape.dim(); j++) {
      int code = codebook.code(values[at + j] * unit);
      codes[j] = (byte) code;
      squares += (double) codebook.level(code) * codebook.level(code);
    }
    return Math.sqrt(squares);
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
    short half = source.get(DtypeLayouts.SHORT, scaleOffset(tokens, head, token));
    float scale = Float.float16ToFloat(half);
    rows.unpack(source, rowOffset(tokens, head, token), codes);
    for (int j = 0; j < shape.dim(); j++) {
      values[at + j] = codebook.level(codes[j]) * scale;
    }
    rotation.rotateBack(values, at);
  }

  private long scaleOffset(int tokens, int head, int token) {
    return ((long) head * tokens + token) * Short.BYTES;
  }

  private long rowOffset(int tokens, int head, int token) {
    long row = (long) head * tokens + token;
    return scaleOffset(tokens, shape.heads(), 0) + row * rows.bytes();
  }
}
