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
    if (payload.byteSize() != header.payloadBytes()) {
      throw new IllegalArgumentException(
          "payload has " + payload.byteSize() + " bytes, its header says " + header.payloadBytes());
    }
  }

  /**
   * Describes {@code payload} as the raw bytes of {@code layer} of {@code chunk}, with its
   * checksum.
   */
  public static EncodedBlock raw(Chunk chunk, int layer, MemorySegment payload) {
    BlockHeader header =
        new BlockHeader(
            chunk.key().block(layer, Encoding.RAW),
            chunk.parent(),
            chunk.firstToken(),
            chunk.tokens(),
            chunk.layers(),
            Math.toIntExact(payload.byteSize()),
            BlockChecksum.crc32c(payload));
    return new EncodedBlock(header, payload);
  }
}
