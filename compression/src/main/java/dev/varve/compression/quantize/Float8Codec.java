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

/** {@code [heads]} scales in binary32, then {@code [heads][tokens][dim]} codes of one byte. */
record Float8Codec(Float8 type, SectionShape shape) implements EncodedRows {

  @Override
  public int tokenGroup() {
    return 1;
  }

  @Override
  public long maxBytes(int tokens) {
    return tokens == 0 ? 0 : (long) shape.heads() * Float.BYTES + shape.values(tokens);
  }

  /** Half of the widest step, which is that of the largest numbers, over the largest. */
  @Override
  public ErrorBound bound() {
    double step = Math.scalb(1.0, Math.getExponent(type.largest()) - type.mantissaBits());
    return new ErrorBound.OfGroupPeak(step / 2 / type.largest() + 0x1p-20, ErrorBound.FLOOR);
  }

  @Override
  public EncodeResult encode(SectionFloats floats, CodecContext context, MemorySegment target) {
    int count = floats.tokens() * shape.dim();
    byte[] codes = new byte[count];
    for (int head = 0; head < shape.heads() && count > 0; head++) {
      int from = floats.at(head, 0);
      float scale = scale(floats.values(), from, count);
      target.set(DtypeLayouts.FLOAT, (long) head * Float.BYTES, scale);
      for (int i = 0; i < count; i++) {
        codes[i] = type.encode(floats.values()[from + i] / scale);
      }
      long offset = rowOffset(floats.tokens(), head, 0);
      MemorySegment.copy(codes, 0, target, ValueLayout.JAVA_BYTE, offset, count);
    }
    return new EncodeResult.Encoded(maxBytes(floats.tokens()));
  }

  private float scale(float[] values, int from, int count) {
    float peak = 0;
    for (int i = 0; i < count; i++) {
      peak = Math.max(peak, Math.abs(values[from + i]));
    }
    return Math.max(peak / type.largest(), Float.MIN_NORMAL);
  }

  @Override
  public DecodeResult decode(MemorySegment source, SectionFloats floats) {
    int tokens = floats.tokens();
    if (source.byteSize() != maxBytes(tokens)) {
      return Lengths.refused("fp8", source.byteSize(), tokens, maxBytes(tokens));
    }
    int count = tokens * shape.dim();
    byte[] codes = new byte[count];
    for (int head = 0; head < shape.heads() && count > 0; head++) {
      MemorySegment.copy(
          source, ValueLayout.JAVA_BYTE, rowOffset(tokens, head, 0), codes, 0, count);
      decode(codes, scale(source, head), floats.values(), floats.at(head, 0));
    }
    return new DecodeResult.Decoded(tokens);
  }

  @Override
  public void decodeRow(
      MemorySegment source, int tokens, int head, int token, float[] values, int at) {
    byte[] codes = new byte[shape.dim()];
    long offset = rowOffset(tokens, head, token);
    MemorySegment.copy(source, ValueLayout.JAVA_BYTE, offset, codes, 0, codes.length);
    decode(codes, scale(source, head), values, at);
  }

  private void decode(byte[] codes, float scale, float[] values, int at) {
    for (int i = 0; i < codes.length; i++) {
      values[at + i] = type.decode(codes[i]) * scale;
    }
  }

  private static float scale(MemorySegment source, int head) {
    return source.get(DtypeLayouts.FLOAT, (long) head * Float.BYTES);
  }

  private long rowOffset(int tokens, int head, int token) {
    return (long) shape.heads() * Float.BYTES + ((long) head * tokens + token) * shape.dim();
  }
}
