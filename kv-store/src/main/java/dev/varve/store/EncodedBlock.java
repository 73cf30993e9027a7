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
}
