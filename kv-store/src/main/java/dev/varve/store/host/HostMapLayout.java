package dev.varve.store.host;

import dev.varve.store.BlockHeaderDescriptor;

/**
 * How a map is cut up, so that {@code capacityBytes} of blocks find room in it.
 *
 * <p>Values begin at any address: where Chronicle Map 2026.1 is asked for an alignment, it plans
 * the padding from the start of an entry but lays the value by its address, and an entry of a map
 * that does not begin at such a multiple runs into the next one.
 *
 * <p>A block takes consecutive chunks of the one segment its key hashes to, so a map that is full
 * to the last byte refuses blocks although their sum would fit: segments fill unevenly and churn
 * leaves gaps. Hence few segments, and memory of 1 / 0.80 of the capacity; what is never needed is
 * never touched.
 *
 * @param segments parts of the map, each with a lock of its own
 * @param chunksPerSegment chunks of {@link #CHUNK_BYTES} in each
 */
record HostMapLayout(int segments, long chunksPerSegment) {

  static final int CHUNK_BYTES = 4096;

  /** Index form of the key and the stored lengths before the value, at most. */
  private static final int PREFIX_BYTES = 64;

  private static final double HIGH_WATER = 0.80;
  private static final int SEGMENTS = 4;

  /** Below this many blocks to a segment, chance fills one of them long before the others. */
  private static final int LEAST_BLOCKS_PER_SEGMENT = 256;

  static HostMapLayout of(HostTierConfig config) {
    long block = footprint(config.largestPayloadBytes());
    boolean large = config.capacityBytes() / block >= (long) SEGMENTS * LEAST_BLOCKS_PER_SEGMENT;
    int segments = large ? SEGMENTS : 1;
    long memory = (long) Math.ceil(config.capacityBytes() / HIGH_WATER);
    return new HostMapLayout(segments, Math.ceilDiv(memory, (long) segments * CHUNK_BYTES));
  }

  /** Memory of all segments. */
  long memoryBytes() {
    return segments * chunksPerSegment * CHUNK_BYTES;
  }

  /** Bytes of the map's value for a payload: header and payload. */
  static long valueBytes(long payloadBytes) {
    return BlockHeaderDescriptor.HEADER_LENGTH + payloadBytes;
  }

  /** Bytes of whole chunks that a block of {@code payloadBytes} takes, at most. */
  static long footprint(int payloadBytes) {
    long bytes = PREFIX_BYTES + valueBytes(payloadBytes);
    return Math.ceilDiv(bytes, (long) CHUNK_BYTES) * CHUNK_BYTES;
  }
}
