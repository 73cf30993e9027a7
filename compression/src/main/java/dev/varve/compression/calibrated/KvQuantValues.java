package dev.varve.compression.calibrated;

import dev.varve.compression.CodecContext;
import dev.varve.compression.DecodeResult;
import dev.varve.compression.EncodeResult;
import dev.varve.compression.ErrorBound;
import dev.varve.compression.FloatCodec;
import dev.varve.compression.SectionFloats;
import dev.varve.compression.SectionShape;
import dev.varve.compression.quantize.CodeRows;
import dev.varve.compression.quantize.Lengths;
import dev.varve.compression.quantize.QuantizeKernel;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeKernel;
import dev.varve.store.kernel.DtypeLayouts;
import java.lang.foreign.MemorySegment;

/**
 * Values by token: {@code [tokens]} of lowest number and range, both f16; {@code [heads][tokens]}
 * packed rows; {@code [tokens]} of outliers, ascending, each a u16 channel and an element. A token
 * depends on no other.
 */
final class KvQuantValues implements FloatCodec {
  private static final int PARAMETER_BYTES = 2 * Short.BYTES;
  private static final double ROUNDING = 1 + 0x1p-8;

  private final SectionShape shape;
  private final Levels levels;
  private final String name;
  private final CodeRows rows;
  private final int bits;
  private final int outliers;
  private final TokenRange ranges;
  private final DtypeKernel kernel;
  private final byte[] codes;
  private final float[] element = new float[1];

  KvQuantValues(int bits, SectionShape shape, LayerTables tables, Backend backend) {
    this.name = new KvQuantFormat(bits).name();
    this.shape = shape;
    this.bits = bits;
    this.levels = new Levels(tables.need(TableKind.levels(false, bits), 1 << bits, name), name);
    this.rows = new CodeRows(QuantizeKernel.of(backend), shape.dim(), bits);
    this.outliers = TokenRange.outliers(shape);
    this.ranges = new TokenRange(shape);
    this.kernel = DtypeKernel.of(Backend.SCALAR, shape.dtype());
    this.codes = new byte[shape.dim()];
  }

  /** Bytes of {@code tokens} tokens. */
  static long bytes(int bits, SectionShape shape, int tokens) {
    long codes = (long) shape.values(tokens) * bits / Byte.SIZE;
    int entry = Short.BYTES + shape.dtype().bytes();
    return (long) tokens * (PARAMETER_BYTES + TokenRange.outliers(shape) * entry) + codes;
  }

  @Override
  public int tokenGroup() {
    return 1;
  }

  @Override
  public long maxBytes(int tokens) {
    return bytes(bits, shape, tokens);
  }

  /** The range is at most two peaks, and a level is nearer than the widest gap. */
  @Override
  public ErrorBound bound() {
    return new ErrorBound.OfGroupPeak(levels.widest() * ROUNDING + 0x1p-20, ErrorBound.FLOOR);
  }

  @Override
  public EncodeResult encode(SectionFloats floats, CodecContext context, MemorySegment target) {
    int tokens = floats.tokens();
    for (int token = 0; token < tokens; token++) {
      if (!ranges.load(floats, token)) {
        return new EncodeResult.Refused(
            EncodeResult.Cause.OUT_OF_RANGE,
            "%s of token %d have a range that 16 bits do not hold, they end at 65504: keep it raw"
                .formatted(shape.section(), token));
      }
      long at = (long) token * PARAMETER_BYTES;
      target.set(DtypeLayouts.SHORT, at, Float.floatToFloat16(ranges.low()));
      target.set(DtypeLayouts.SHORT, at + Short.BYTES, Float.floatToFloat16(ranges.range()));
      writeRows(tokens, token, target);
      writeOutliers(tokens, token, target);
    }
    return new EncodeResult.Encoded(maxBytes(tokens));
  }

  private void writeRows(int tokens, int token, MemorySegment target) {
    for (int head = 0; head < shape.heads(); head++) {
      for (int j = 0; j < shape.dim(); j++) {
        codes[j] = (byte) levels.code(ranges.steps(head, j));
      }
      rows.pack(codes, target, rowOffset(tokens, head, token));
    }
  }

  private void writeOutliers(int tokens, int token, MemorySegment target) {
    long at = outlierOffset(tokens, token);
    for (int k = 0; k < outliers; k++) {
      target.set(DtypeLayouts.SHORT, at, (short) ranges.outliers().places()[k]);
      element[0] = ranges.outliers().entries()[k];
      kernel.store(element, 0, 1, target, at + Short.BYTES);
      at += Short.BYTES + shape.dtype().bytes();
    }
  }

  @Override
  public DecodeResult decode(MemorySegment source, SectionFloats floats) {
    int tokens = floats.tokens();
    if (source.byteSize() != maxBytes(tokens)) {
      return Lengths.refused(name, source.byteSize(), tokens, maxBytes(tokens));
    }
    for (int token = 0; token < tokens; token++) {
      long at = (long) token * PARAMETER_BYTES;
      float low = Float.float16ToFloat(source.get(DtypeLayouts.SHORT, at));
      float range = Float.float16ToFloat(source.get(DtypeLayouts.SHORT, at + Short.BYTES));
      for (int head = 0; head < shape.heads(); head++) {
        int to = floats.at(head, token);
        rows.unpack(source, rowOffset(tokens, head, token), codes);
        for (int j = 0; j < shape.dim(); j++) {
          floats.values()[to + j] = low + range * ((levels.level(codes[j]) + 1) * 0.5f);
        }
      }
      if (!readOutliers(source, floats, token)) {
        return new DecodeResult.Refused(
            DecodeResult.Cause.CORRUPT,
            "%s: an outlier of token %d lies outside of %d channels"
                .formatted(name, token, shape.channels()));
      }
    }
    return new DecodeResult.Decoded(tokens);
  }

  private boolean readOutliers(MemorySegment source, SectionFloats floats, int token) {
    long at = outlierOffset(floats.tokens(), token);
    for (int k = 0; k < outliers; k++) {
      int channel = Short.toUnsignedInt(source.get(DtypeLayouts.SHORT, at));
      if (channel >= shape.channels()) {
        return false;
      }
      int to = floats.at(channel / shape.dim(), token) + channel % shape.dim();
      kernel.load(source, at + Short.BYTES, floats.values(), to, 1);
      at += Short.BYTES + shape.dtype().bytes();
    }
    return true;
  }

  private long rowOffset(int tokens, int head, int token) {
    return (long) tokens * PARAMETER_BYTES + ((long) head * tokens + token) * rows.bytes();
  }

  private long outlierOffset(int tokens, int token) {
    long entries = (long) token * outliers * (Short.BYTES + shape.dtype().bytes());
    return rowOffset(tokens, shape.heads(), 0) + entries;
  }
}
