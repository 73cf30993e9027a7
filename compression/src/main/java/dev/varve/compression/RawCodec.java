package dev.varve.compression;

import dev.varve.compression.DecodeResult.Cause;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Encoding;
import java.lang.foreign.MemorySegment;

/**
 * {@link Encoding#RAW}: the block as it is, in no frame. Always of the full length; there is no
 * checksum but that of whatever carries the payload.
 */
record RawCodec(BlockGeometry geometry) implements BlockCodec {

  @Override
  public Encoding encoding() {
    return Encoding.RAW;
  }

  @Override
  public ErrorBound bound(Section section) {
    return new ErrorBound.Exact();
  }

  @Override
  public long maxBytes(int tokens) {
    return geometry.bytes();
  }

  @Override
  public EncodeResult encode(MemorySegment block, CodecContext context, MemorySegment target) {
    CodecChecks.encodable(geometry, block, context.tokens(), geometry.bytes(), target);
    target.asSlice(0, geometry.bytes()).copyFrom(block.asSlice(0, geometry.bytes()));
    return new EncodeResult.Encoded(geometry.bytes());
  }

  @Override
  public DecodeResult decode(Section section, MemorySegment payload, MemorySegment block) {
    CodecChecks.decodable(geometry, section, block);
    if (payload.byteSize() != geometry.bytes()) {
      return new DecodeResult.Refused(
          Cause.BAD_LENGTH,
          "a raw block takes %d bytes, there are %d"
              .formatted(geometry.bytes(), payload.byteSize()));
    }
    long offset = section == Section.KEYS ? 0 : geometry.valuesOffset();
    long bytes = section == Section.KEYS ? geometry.keyBytes() : geometry.valueBytes();
    block.asSlice(offset, bytes).copyFrom(payload.asSlice(offset, bytes));
    return new DecodeResult.Decoded(geometry.tokens());
  }
}
