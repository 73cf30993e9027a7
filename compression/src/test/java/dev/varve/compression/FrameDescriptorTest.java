package dev.varve.compression;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.compression.DecodeResult.Cause;
import dev.varve.store.BlockChecksum;
import dev.varve.store.Encoding;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class FrameDescriptorTest {
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final FrameHeader HEADER =
      new FrameHeader(
          Encoding.of(0x3424),
          1,
          128,
          0x01020304,
          8,
          128,
          64,
          new FrameHeader.Part(new ExactTokens(4, 32), 100, 0x11223344),
          new FrameHeader.Part(new ExactTokens(0, 1), 64, 0x55667788));

  private static MemorySegment written() {
    MemorySegment payload = Arena.ofAuto().allocate(64 + 128 + 64);
    FrameDescriptor.write(HEADER, payload);
    return payload;
  }

  @Test
  void readsWhatItWrote() {
    assertThat(HEADER.payloadBytes()).isEqualTo(256);
    assertThat(HEADER.offset(Section.KEYS)).isEqualTo(64);
    assertThat(HEADER.offset(Section.VALUES)).isEqualTo(192);
    assertThat(FrameDescriptor.read(written())).isEqualTo(new FrameReading.Sound(HEADER));
  }

  @Test
  void keepsItsBytes() {
    byte[] bytes = written().asSlice(0, 60).toArray(ValueLayout.JAVA_BYTE);
    assertThat(HexFormat.of().formatHex(bytes))
        .isEqualTo(
            "56525645"
                + "01004000"
                + "2434"
                + "01"
                + "00"
                + "8000"
                + "0800"
                + "8000"
                + "4000"
                + "04002000"
                + "00000100"
                + "64000000"
                + "44332211"
                + "40000000"
                + "88776655"
                + "04030201"
                + "000000000000000000000000");
  }

  @Test
  void namesTheReason() {
    assertThat(cause(FrameDescriptor.MAGIC_OFFSET, 1, true)).isEqualTo(Cause.BAD_MAGIC);
    assertThat(cause(FrameDescriptor.VERSION_OFFSET, 0x00400002, true))
        .isEqualTo(Cause.UNSUPPORTED_VERSION);
    assertThat(cause(FrameDescriptor.VERSION_OFFSET, 0x00800001, true))
        .isEqualTo(Cause.UNSUPPORTED_VERSION);
    assertThat(cause(FrameDescriptor.TOKENS_OFFSET, 1, false)).isEqualTo(Cause.CHECKSUM_MISMATCH);
    assertThat(cause(FrameDescriptor.KEY_BYTES_OFFSET, 129, true)).isEqualTo(Cause.BAD_LENGTH);
    assertThat(cause(FrameDescriptor.KEY_BYTES_OFFSET, -1, true)).isEqualTo(Cause.CORRUPT);
    assertThat(cause(FrameDescriptor.VALUE_BYTES_OFFSET, Integer.MAX_VALUE, true))
        .isEqualTo(Cause.BAD_LENGTH);
    assertThat(cause(FrameDescriptor.POSITION_OFFSET, -1, true)).isEqualTo(Cause.CORRUPT);
    MemorySegment payload = written();
    for (long length = 0; length < payload.byteSize(); length++) {
      FrameReading reading = FrameDescriptor.read(payload.asSlice(0, length));
      assertThat(reading).isInstanceOf(FrameReading.Refused.class);
      assertThat(((FrameReading.Refused) reading).why().cause()).isEqualTo(Cause.BAD_LENGTH);
    }
  }

  private static Cause cause(int offset, int value, boolean seal) {
    MemorySegment payload = written();
    payload.set(INT, offset, value);
    if (seal) {
      MemorySegment front = payload.asSlice(0, FrameDescriptor.HEADER_CRC_OFFSET);
      payload.set(INT, FrameDescriptor.HEADER_CRC_OFFSET, BlockChecksum.crc32c(front));
    }
    FrameReading reading = FrameDescriptor.read(payload);
    assertThat(reading).isInstanceOf(FrameReading.Refused.class);
    return ((FrameReading.Refused) reading).why().cause();
  }
}
