package dev.varve.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BlockHeaderDescriptorTest {

  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int LENGTH = BlockHeaderDescriptor.HEADER_LENGTH;

  private final BlockHeader header =
      new BlockHeader(
          TestBlocks.key(1234), new ChainKey(new Digest256(1, 2, 3, 4)), 96, 32, 64, 777, 0xCAFE);

  @Test
  void readsBackWhatItWrote() {
    assertThat(BlockHeaderDescriptor.read(written(), 0)).isEqualTo(new HeaderReading.Sound(header));
  }

  @Test
  void writesAtAnyOffsetAndTouchesNothingElse() {
    MemorySegment bytes = MemorySegment.ofArray(new byte[3 + LENGTH + 5]).fill((byte) 0x55);
    BlockHeaderDescriptor.write(header, bytes, 3);
    assertThat(BlockHeaderDescriptor.read(bytes, 3)).isEqualTo(new HeaderReading.Sound(header));
    assertThat(bytes.asSlice(0, 3).toArray(ValueLayout.JAVA_BYTE)).containsOnly(0x55);
    assertThat(bytes.asSlice(3 + LENGTH).toArray(ValueLayout.JAVA_BYTE)).containsOnly(0x55);
  }

  @Test
  void keepsTheBytesOfVersionOne() {
    BlockHeader fixed =
        new BlockHeader(
            new ChunkKey(
                    new Tenant(0x0102030405060708L, 0x090A0B0C0D0E0F10L),
                    new Fingerprint(new Digest256(0x11, 0x12, 0x13, 0x14)),
                    new ChainKey(new Digest256(0x21, 0x22, 0x23, 0x24)))
                .block(5, Encoding.RAW),
            new ChainKey(new Digest256(0x31, 0x32, 0x33, 0x34)),
            256,
            128,
            32,
            524288,
            0x11223344);
    MemorySegment bytes = MemorySegment.ofArray(new byte[LENGTH]);
    BlockHeaderDescriptor.write(fixed, bytes, 0);
    String hex = HexFormat.of().formatHex(bytes.toArray(ValueLayout.JAVA_BYTE));
    assertThat(hex.substring(0, 2 * BlockHeaderDescriptor.RESERVED_OFFSET))
        .isEqualTo(
            "56525642"
                + "0100"
                + "0001"
                + "0102030405060708090a0b0c0d0e0f10"
                + words(0x11, 0x12, 0x13, 0x14)
                + words(0x21, 0x22, 0x23, 0x24)
                + words(0x31, 0x32, 0x33, 0x34)
                + "0500000020000000000000000001000080000000"
                + "00000800"
                + "44332211");
    assertThat(bytes.get(INT, BlockHeaderDescriptor.HEADER_CRC_OFFSET))
        .isEqualTo(BlockChecksum.crc32c(bytes.asSlice(0, LENGTH - 4)));
  }

  @Test
  void refusesATruncatedHeader() {
    MemorySegment bytes = written();
    for (int length = 0; length < LENGTH; length++) {
      assertThat(reason(bytes.asSlice(0, length))).contains("256").contains("there are " + length);
    }
    assertThat(BlockHeaderDescriptor.read(bytes, 1)).isInstanceOf(HeaderReading.Refused.class);
    assertThat(BlockHeaderDescriptor.read(bytes, -1)).isInstanceOf(HeaderReading.Refused.class);
    assertThat(BlockHeaderDescriptor.read(bytes, Long.MAX_VALUE))
        .isInstanceOf(HeaderReading.Refused.class);
  }

  @Test
  void refusesEveryFlippedBit() {
    for (int bit = 0; bit < 8 * LENGTH; bit++) {
      MemorySegment bytes = written();
      byte old = bytes.get(ValueLayout.JAVA_BYTE, bit / 8);
      bytes.set(ValueLayout.JAVA_BYTE, bit / 8, (byte) (old ^ (1 << (bit % 8))));
      assertThat(BlockHeaderDescriptor.read(bytes, 0))
          .as("bit %d", bit)
          .isInstanceOf(HeaderReading.Refused.class);
    }
  }

  @Test
  void namesTheReason() {
    assertThat(reason(patched(BlockHeaderDescriptor.MAGIC_OFFSET, 1))).contains("magic");
    assertThat(reason(patched(BlockHeaderDescriptor.VERSION_OFFSET, 0x0100_0002)))
        .contains("version 2");
    assertThat(reason(patched(BlockHeaderDescriptor.VERSION_OFFSET, 0x0101_0001)))
        .contains("impossible header length 257");
    assertThat(reason(patched(BlockHeaderDescriptor.ENCODING_OFFSET, 0x10063))).contains("65635");
    assertThat(reason(patched(BlockHeaderDescriptor.PAYLOAD_BYTES_OFFSET, -1)))
        .contains("payloadBytes");
    assertThat(reason(patched(BlockHeaderDescriptor.PAYLOAD_BYTES_OFFSET, (1 << 30) + 1)))
        .contains("1073741825");
    assertThat(reason(patched(BlockHeaderDescriptor.LAYER_OFFSET, 0x10000))).contains("layer");
    assertThat(reason(patched(BlockHeaderDescriptor.LAYERS_OFFSET, 1))).contains("layers");
    assertThat(reason(patched(BlockHeaderDescriptor.TOKENS_OFFSET, 0))).contains("tokens");
    assertThat(reason(patched(BlockHeaderDescriptor.FIRST_TOKEN_OFFSET, -5))).contains("-5");
    MemorySegment bytes = written();
    bytes.set(INT, BlockHeaderDescriptor.TOKENS_OFFSET, 33);
    assertThat(reason(bytes)).contains("header CRC");
  }

  @Test
  void isTotalOnArbitraryBytes() {
    long seed = new SplittableRandom().nextLong();
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 20_000; round++) {
      MemorySegment bytes =
          round % 2 == 0 ? written() : MemorySegment.ofArray(new byte[random.nextInt(2 * LENGTH)]);
      for (int change = random.nextInt(1, 40); change > 0 && bytes.byteSize() > 0; change--) {
        long at = random.nextLong(bytes.byteSize());
        bytes.set(ValueLayout.JAVA_BYTE, at, (byte) random.nextInt());
      }
      boolean sealedAgain = bytes.byteSize() >= LENGTH && random.nextBoolean();
      if (sealedAgain) {
        bytes.set(INT, BlockHeaderDescriptor.MAGIC_OFFSET, BlockHeaderDescriptor.MAGIC);
        bytes.set(INT, BlockHeaderDescriptor.VERSION_OFFSET, 0x0100_0001);
        seal(bytes);
      }
      HeaderReading reading = BlockHeaderDescriptor.read(bytes, 0);
      if (reading instanceof HeaderReading.Sound(BlockHeader found)) {
        assertThat(sealedAgain || found.equals(header)).as("seed %d", seed).isTrue();
      }
    }
  }

  @Test
  void computesTheCastagnoliPolynomial() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment digits = arena.allocateFrom("123456789").asSlice(0, 9);
      assertThat(BlockChecksum.crc32c(digits)).isEqualTo(0xE3069283);
      assertThat(BlockChecksum.crc32c(digits.asSlice(0, 0))).isZero();
    }
  }

  private MemorySegment written() {
    MemorySegment bytes = MemorySegment.ofArray(new byte[LENGTH]);
    BlockHeaderDescriptor.write(header, bytes, 0);
    return bytes;
  }

  private MemorySegment patched(int offset, int value) {
    MemorySegment bytes = written();
    bytes.set(INT, offset, value);
    return seal(bytes);
  }

  private static MemorySegment seal(MemorySegment bytes) {
    int crc = BlockChecksum.crc32c(bytes.asSlice(0, BlockHeaderDescriptor.HEADER_CRC_OFFSET));
    bytes.set(INT, BlockHeaderDescriptor.HEADER_CRC_OFFSET, crc);
    return bytes;
  }

  private static String reason(MemorySegment bytes) {
    HeaderReading reading = BlockHeaderDescriptor.read(bytes, 0);
    assertThat(reading).isInstanceOf(HeaderReading.Refused.class);
    return ((HeaderReading.Refused) reading).reason();
  }

  private static String words(long... words) {
    StringBuilder hex = new StringBuilder();
    for (long word : words) {
      hex.append(HexFormat.of().toHexDigits(word));
    }
    return hex.toString();
  }
}
