package dev.varve.compression;

import dev.varve.compression.DecodeResult.Cause;
import dev.varve.store.BlockChecksum;
import dev.varve.store.BlockGeometry;
import dev.varve.store.RopeSpec;
import java.lang.foreign.MemorySegment;
import java.util.function.Function;

/**
 * One section of a frame: what the codec wrote, then the first exact tokens, then the newest, both
 * {@code [heads][tokens][dim]} in the block's element type.
 */
record FramedSection(SectionShape shape, long offset, SectionCodec codec) {

  /** What came of writing a section. */
  sealed interface Written {
    record Sound(FrameHeader.Part part) implements Written {}

    record Refused(EncodeResult.Refused why) implements Written {}
  }

  static FramedSection open(
      Section section,
      BlockGeometry geometry,
      RopeSpec rope,
      Function<SectionShape, SectionCodec> codec) {
    SectionShape shape = SectionShape.of(section, geometry, rope);
    long offset = section == Section.KEYS ? 0 : geometry.valuesOffset();
    return new FramedSection(shape, offset, codec.apply(shape));
  }

  /**
   * The most over every number of tokens that may be coded: side information of a few coded tokens
   * can take more than these tokens themselves.
   */
  long maxPaddedBytes(int tokens) {
    long most = 0;
    for (int coded = 0; coded <= tokens; coded += codec.tokenGroup()) {
      most = Math.max(most, codec.maxBytes(coded) + shape.rawBytes(tokens - coded));
    }
    return FrameDescriptor.padded(most);
  }

  Written encode(MemorySegment block, CodecContext context, MemorySegment target) {
    int tokens = context.tokens();
    ExactTokens exact = context.exact(shape.section()).fitted(tokens, codec.tokenGroup());
    int coded = exact.coded(tokens);
    SectionRows rows = rows(block, exact.first(), coded, context.position());
    long bytes = 0;
    switch (codec.encode(rows, context, target)) {
      case EncodeResult.Refused refused -> {
        return new Written.Refused(refused);
      }
      case EncodeResult.Encoded encoded -> bytes = encoded.bytes();
    }
    bytes += copy(rows(block, 0, exact.first(), 0), target.asSlice(bytes), true);
    bytes += copy(newest(block, exact, tokens), target.asSlice(bytes), true);
    long padded = FrameDescriptor.padded(bytes);
    target.asSlice(bytes, padded - bytes).fill((byte) 0);
    int crc = BlockChecksum.crc32c(target.asSlice(0, padded));
    return new Written.Sound(new FrameHeader.Part(exact, (int) bytes, crc));
  }

  DecodeResult decode(FrameHeader header, MemorySegment source, MemorySegment block) {
    int tokens = header.tokens();
    ExactTokens exact = header.part(shape.section()).exact();
    int coded = exact.coded(tokens);
    if (coded < 0 || coded % codec.tokenGroup() != 0) {
      return new DecodeResult.Refused(
          Cause.CORRUPT,
          "%s: %d and %d of %d tokens are exact, the rest is no multiple of %d"
              .formatted(
                  shape.section(), exact.first(), exact.newest(), tokens, codec.tokenGroup()));
    }
    long codedBytes = source.byteSize() - shape.rawBytes(tokens - coded);
    if (codedBytes < 0 || codedBytes > codec.maxBytes(coded)) {
      return new DecodeResult.Refused(
          Cause.CORRUPT,
          "%s: %d bytes cannot hold %d tokens of which %d are exact"
              .formatted(shape.section(), source.byteSize(), tokens, tokens - coded));
    }
    SectionRows rows = rows(block, exact.first(), coded, header.position());
    DecodeResult result = codec.decode(source.asSlice(0, codedBytes), rows);
    if (result instanceof DecodeResult.Decoded) {
      MemorySegment rest = source.asSlice(codedBytes);
      long first = copy(rows(block, 0, exact.first(), 0), rest, false);
      copy(newest(block, exact, tokens), rest.asSlice(first), false);
    }
    return result;
  }

  private SectionRows newest(MemorySegment block, ExactTokens exact, int tokens) {
    return rows(block, tokens - exact.newest(), exact.newest(), 0);
  }

  private SectionRows rows(MemorySegment block, int first, int tokens, int position) {
    MemorySegment section = block.asSlice(offset, shape.rawBytes(shape.blockTokens()));
    return new SectionRows(shape, section, first, tokens, position + first);
  }

  private static long copy(SectionRows rows, MemorySegment packed, boolean pack) {
    long at = 0;
    for (int head = 0; head < rows.shape().heads(); head++) {
      MemorySegment bytes = rows.bytes(head);
      MemorySegment place = packed.asSlice(at, bytes.byteSize());
      if (pack) {
        place.copyFrom(bytes);
      } else {
        bytes.copyFrom(place);
      }
      at += bytes.byteSize();
    }
    return at;
  }
}
