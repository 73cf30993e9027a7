package dev.varve.store.remote;

import dev.varve.store.BlockChecksum;
import dev.varve.store.BlockHeader;
import dev.varve.store.BlockHeaderDescriptor;
import dev.varve.store.BlockKey;
import dev.varve.store.EncodedBlock;
import dev.varve.store.HeaderReading;
import java.lang.foreign.MemorySegment;

/** A block as a remote store holds it: the header that every tier writes, then the payload. */
final class BlockFrame {

  private static final int HEADER = BlockHeaderDescriptor.HEADER_LENGTH;

  private BlockFrame() {}

  /** What bytes from a server turned out to be. */
  sealed interface Reading {

    /**
     * The block that was asked for.
     *
     * @param payload on the heap
     */
    record Sound(BlockHeader header, MemorySegment payload) implements Reading {}

    /** Another block, whose name differs in bits that the server's keys do not hold. */
    record Other() implements Reading {}

    /** Nothing that may be used. */
    record Refused(String reason) implements Reading {}
  }

  static byte[] of(EncodedBlock block) {
    byte[] frame = new byte[Math.addExact(HEADER, block.header().payloadBytes())];
    MemorySegment bytes = MemorySegment.ofArray(frame);
    BlockHeaderDescriptor.write(block.header(), bytes, 0);
    bytes.asSlice(HEADER).copyFrom(block.payload());
    return frame;
  }

  /** Judges what a server holds as {@code key}; total, whatever the bytes are. */
  static Reading read(byte[] frame, BlockKey key) {
    MemorySegment bytes = MemorySegment.ofArray(frame);
    return switch (BlockHeaderDescriptor.read(bytes, 0)) {
      case HeaderReading.Refused(String reason) -> new Reading.Refused(reason);
      case HeaderReading.Sound(BlockHeader header) when !header.key().equals(key) ->
          new Reading.Other();
      case HeaderReading.Sound(BlockHeader header) -> payload(bytes, header);
    };
  }

  private static Reading payload(MemorySegment bytes, BlockHeader header) {
    MemorySegment payload = bytes.asSlice(HEADER);
    if (payload.byteSize() != header.payloadBytes()) {
      return new Reading.Refused(
          "%d bytes of payload, its header says %d"
              .formatted(payload.byteSize(), header.payloadBytes()));
    }
    return BlockChecksum.crc32c(payload) == header.payloadCrc()
        ? new Reading.Sound(header, payload)
        : new Reading.Refused("payload CRC does not match");
  }
}
