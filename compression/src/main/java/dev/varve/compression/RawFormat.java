package dev.varve.compression;

import dev.varve.compression.DecodeResult.Cause;
import dev.varve.compression.calibrated.LayerTables;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.MemorySegment;

/** Elements as they are, {@code [heads][tokens][dim]}. */
public record RawFormat() implements SectionFormat {

  /** Stored number. */
  public static final int NUMBER = 0;

  @Override
  public int number() {
    return NUMBER;
  }

  @Override
  public String name() {
    return "raw";
  }

  @Override
  public double bitsPerValue(SectionShape shape) {
    return shape.dtype().bytes() * (double) Byte.SIZE;
  }

  @Override
  public SectionCodec open(SectionShape shape, LayerTables tables, Backend backend) {
    return new Codec(shape);
  }

  private record Codec(SectionShape shape) implements SectionCodec {
    @Override
    public int tokenGroup() {
      return 1;
    }

    @Override
    public long maxBytes(int tokens) {
      return shape.rawBytes(tokens);
    }

    @Override
    public ErrorBound bound() {
      return new ErrorBound.Exact();
    }

    @Override
    public EncodeResult encode(SectionRows rows, CodecContext context, MemorySegment target) {
      long headBytes = shape.rawBytes(rows.tokens()) / shape.heads();
      for (int head = 0; head < shape.heads(); head++) {
        target.asSlice(head * headBytes, headBytes).copyFrom(rows.bytes(head));
      }
      return new EncodeResult.Encoded(shape.rawBytes(rows.tokens()));
    }

    @Override
    public DecodeResult decode(MemorySegment source, SectionRows rows) {
      long headBytes = shape.rawBytes(rows.tokens()) / shape.heads();
      if (source.byteSize() != headBytes * shape.heads()) {
        return new DecodeResult.Refused(
            Cause.CORRUPT,
            "raw: %d bytes for %d tokens, must be %d"
                .formatted(source.byteSize(), rows.tokens(), headBytes * shape.heads()));
      }
      for (int head = 0; head < shape.heads(); head++) {
        rows.bytes(head).copyFrom(source.asSlice(head * headBytes, headBytes));
      }
      return new DecodeResult.Decoded(rows.tokens());
    }
  }
}
