package dev.varve.compression;

import dev.varve.store.BlockChecksum;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.SplittableRandom;

/** Frames with random damage under right checksums: what a stranger could send. */
final class Forgery {
  private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Forgery() {}

  static MemorySegment of(MemorySegment payload, SplittableRandom random) {
    MemorySegment forged = Arena.ofAuto().allocate(payload.byteSize());
    forged.copyFrom(payload);
    boolean header = random.nextInt(3) == 0;
    for (int change = random.nextInt(1, 200); change > 0; change--) {
      long at =
          header
              ? random.nextLong(FrameDescriptor.TOKENS_OFFSET, FrameDescriptor.HEADER_CRC_OFFSET)
              : random.nextLong(FrameDescriptor.HEADER_LENGTH, forged.byteSize());
      forged.set(BYTE, at, (byte) random.nextInt());
      if (header && random.nextBoolean()) {
        break;
      }
    }
    seal(forged);
    return forged;
  }

  /** Makes the checksums of a frame right, as far as its lengths lead to them. */
  static void seal(MemorySegment forged) {
    long keys = Math.clamp(forged.get(INT, FrameDescriptor.KEY_BYTES_OFFSET), 0, forged.byteSize());
    long values =
        Math.clamp(forged.get(INT, FrameDescriptor.VALUE_BYTES_OFFSET), 0, forged.byteSize());
    long at = FrameDescriptor.HEADER_LENGTH;
    at += seal(forged, at, FrameDescriptor.padded(keys), FrameDescriptor.KEY_CRC_OFFSET);
    seal(forged, at, FrameDescriptor.padded(values), FrameDescriptor.VALUE_CRC_OFFSET);
    MemorySegment front = forged.asSlice(0, FrameDescriptor.HEADER_CRC_OFFSET);
    forged.set(INT, FrameDescriptor.HEADER_CRC_OFFSET, BlockChecksum.crc32c(front));
  }

  private static long seal(MemorySegment forged, long at, long bytes, int crc) {
    long there = Math.clamp(forged.byteSize() - at, 0, bytes);
    forged.set(INT, crc, BlockChecksum.crc32c(forged.asSlice(at, there)));
    return there;
  }
}
