package dev.varve.compression.grid;

import dev.varve.compression.CodecContext;
import dev.varve.compression.DecodeResult;
import dev.varve.compression.EncodeResult;
import dev.varve.compression.EncodeResult.Cause;
import dev.varve.compression.ErrorBound;
import dev.varve.compression.FloatCodec;
import dev.varve.compression.SectionFloats;
import dev.varve.compression.SectionShape;
import dev.varve.compression.quantize.Lengths;
import java.lang.foreign.MemorySegment;

/**
 * {@link GridRows} of all tokens, each written as its difference from what a {@link RowForecast}
 * expects. A token depends on no other.
 */
public final class GridCodec implements FloatCodec {
  private final String name;
  private final SectionShape shape;
  private final GridRows rows;
  private final RowForecast forecast;
  private final float[] row;

  /** A codec of format {@code name} for sections of {@code shape}. */
  public GridCodec(String name, SectionShape shape, GridRows rows, RowForecast forecast) {
    this.name = name;
    this.shape = shape;
    this.rows = rows;
    this.forecast = forecast;
    this.row = new float[shape.channels()];
  }

  @Override
  public int tokenGroup() {
    return 1;
  }

  @Override
  public long maxBytes(int tokens) {
    return rows.bytes(tokens);
  }

  /** The scale of least squared error never makes a part's error longer than the part. */
  @Override
  public ErrorBound bound() {
    return new ErrorBound.OfSectionMean(1 + 0x1p-9, ErrorBound.FLOOR);
  }

  @Override
  public EncodeResult encode(SectionFloats floats, CodecContext context, MemorySegment target) {
    int tokens = floats.tokens();
    forecast.begin(floats);
    for (int token = 0; token < tokens; token++) {
      int at = forecast.expect(token);
      for (int head = 0; head < shape.heads(); head++) {
        forecast.turnBack(floats.values(), floats.at(head, token), token);
        System.arraycopy(
            floats.values(), floats.at(head, token), row, head * shape.dim(), shape.dim());
      }
      if (!rows.write(row, forecast.expected(), at, token, tokens, target)) {
        return new EncodeResult.Refused(
            Cause.OUT_OF_RANGE,
            "%s of token %d are too large for a 16-bit scale, which ends at 65504: keep them raw"
                .formatted(shape.section(), floats.firstToken() + token));
      }
    }
    return new EncodeResult.Encoded(rows.bytes(tokens));
  }

  @Override
  public DecodeResult decode(MemorySegment source, SectionFloats floats) {
    int tokens = floats.tokens();
    if (source.byteSize() != rows.bytes(tokens)) {
      return Lengths.refused(name, source.byteSize(), tokens, rows.bytes(tokens));
    }
    forecast.begin(floats);
    for (int token = 0; token < tokens; token++) {
      int at = forecast.expect(token);
      if (!rows.read(source, tokens, token, forecast.expected(), at, row)) {
        return new DecodeResult.Refused(
            DecodeResult.Cause.CORRUPT,
            "%s: a scale of token %d is no number".formatted(name, floats.firstToken() + token));
      }
      for (int head = 0; head < shape.heads(); head++) {
        int to = floats.at(head, token);
        System.arraycopy(row, head * shape.dim(), floats.values(), to, shape.dim());
        forecast.turnForth(floats.values(), to, token);
      }
    }
    return new DecodeResult.Decoded(tokens);
  }
}
