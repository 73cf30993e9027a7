package dev.varve.compression;

import dev.varve.compression.DecodeResult.Cause;
import dev.varve.store.BlockChecksum;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Encoding;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** Whether a payload is a frame of one encoding and geometry, and its sections are whole. */
record FrameCheck(Encoding encoding, BlockGeometry geometry) {

  /** The header of {@code payload}, or why it is none of these blocks; total. */
  FrameReading read(MemorySegment payload) {
    return switch (FrameDescriptor.read(payload)) {
      case FrameReading.Refused refused -> refused;
      case FrameReading.Sound(FrameHeader header) ->
          refusal(header)
              .<FrameReading>map(FrameReading.Refused::new)
              .orElseGet(() -> new FrameReading.Sound(header));
    };
  }

  private Optional<DecodeResult.Refused> refusal(FrameHeader header) {
    FrameHeader expected =
        new FrameHeader(
            encoding,
            geometry.dtype().id(),
            header.tokens(),
            header.position(),
            geometry.kvHeads(),
            geometry.keyDim(),
            geometry.valueDim(),
            header.keys(),
            header.values());
    if (!header.equals(expected)) {
      return refused(
          Cause.MISMATCH, "the frame is of " + shape(header) + ", expected " + shape(expected));
    }
    if (header.tokens() < 1 || header.tokens() > geometry.tokens()) {
      return refused(
          Cause.CORRUPT,
          "the frame holds %d tokens, a block 1 to %d"
              .formatted(header.tokens(), geometry.tokens()));
    }
    return Optional.empty();
  }

  /** Why the bytes of a section are not those that were written; empty if they are. */
  static Optional<DecodeResult.Refused> refusal(
      FrameHeader header, Section section, MemorySegment payload) {
    FrameHeader.Part part = header.part(section);
    MemorySegment padded = payload.asSlice(header.offset(section), part.paddedBytes());
    int computed = BlockChecksum.crc32c(padded);
    return computed == part.crc()
        ? Optional.empty()
        : refused(
            Cause.CHECKSUM_MISMATCH,
            "%s CRC is 0x%08x, stored 0x%08x".formatted(section, computed, part.crc()));
  }

  private static Optional<DecodeResult.Refused> refused(Cause cause, String reason) {
    return Optional.of(new DecodeResult.Refused(cause, reason));
  }

  private static String shape(FrameHeader header) {
    return "%s, dtype %d, %d heads of %d and %d"
        .formatted(
            header.encoding(),
            header.dtype(),
            header.kvHeads(),
            header.keyDim(),
            header.valueDim());
  }
}
