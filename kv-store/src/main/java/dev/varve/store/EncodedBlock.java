package dev.varve.store;

import java.lang.foreign.MemorySegment;

/**
 * A block as tiers carry it: a header and its payload.
 *
 * @param header describes the payload, checksum included
 * @param payload borrowed until the call it is given to returns; native memory
 */
public record EncodedBlock(BlockHeader header, MemorySegment payload) {

  public EncodedBlock {
    if (!payload.isNative()) {
      throw new IllegalArgumentException(
          "the payload lies on the heap: allocate it from an Arena, tiers carry native memory");
    }
    if (payload.byteSize() != header.payloadBytes()) {
      throw new IllegalArgumentException(
          "payload has " + payload.byteSize() + " bytes, its header says " + header.payloadBytes());
    }
  }

  /** The block of these bytes, checksummed now; they must not change afterwards. */
  public static EncodedBlock seal(BlockKey key, ChunkSpan span, MemorySegment payload) {
    if (payload.byteSize() > BlockGeometry.MAX_BYTES) {
      throw new IllegalArgumentException(
          "a payload of "
              + payload.byteSize()
              + " bytes is above the limit of "
              + BlockGeometry.MAX_BYTES);
    }
    BlockHeader header =
        new BlockHeader(
            key,
            span.parent(),
            span.firstToken(),
            span.tokens(),
            span.layers(),
            (int) payload.byteSize(),
            BlockChecksum.crc32c(payload));
    return new EncodedBlock(header, payload);
  }
}
