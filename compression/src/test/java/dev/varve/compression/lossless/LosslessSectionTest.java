package dev.varve.compression.lossless;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.compression.entropy.SymbolReading;
import dev.varve.compression.entropy.SymbolReading.Read;
import dev.varve.compression.entropy.SymbolReading.Refused;
import dev.varve.store.Dtype;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.Bfloat16;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

class LosslessSectionTest {
  private static final int CHANNELS = 1;
  private static final int REFERENCES = 2;

  @Test
  void everyPatternOf16BitsComesBack() {
    byte[] all = new byte[2 << 16];
    for (int i = 0; i < 1 << 16; i++) {
      all[2 * i] = (byte) i;
      all[2 * i + 1] = (byte) (i >>> 8);
    }
    for (ElementKind kind : new ElementKind[] {ElementKind.BF16, ElementKind.F16}) {
      assertThat(back(new Section(kind, 4, 64, 256), all)).as("%s", kind).isEqualTo(all);
    }
  }

  @Test
  void everyKindOfFloatComesBack() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    int[] special = {
      0, 1, 0x80000000, 0x7f800000, 0xff800000, 0x7fc00001, 0xffffffff, 0x7f800001, 0x007fffff
    };
    byte[] bytes = new byte[4 * 3 * 40 * 17];
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      int pick = random.nextInt(20);
      buffer.putInt(
          pick < special.length
              ? special[pick]
              : Float.floatToRawIntBits((float) random.nextGaussian()));
    }
    assertThat(back(new Section(ElementKind.F32, 3, 17, 40), bytes))
        .as("seed %d", seed)
        .isEqualTo(bytes);
  }

  @Test
  void everyLengthOfBytesComesBack() {
    SplittableRandom random = new SplittableRandom(1);
    for (int length = 0; length < 34; length++) {
      byte[] bytes = new byte[length];
      random.nextBytes(bytes);
      assertThat(back(new Section(ElementKind.BYTES, 1, 1, length), bytes)).isEqualTo(bytes);
    }
  }

  @Test
  void awkwardShapesComeBackInBothOrders() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    boolean[] orders = new boolean[2];
    for (int trial = 0; trial < 60; trial++) {
      int heads = 1 + random.nextInt(3);
      int dim = 1 + random.nextInt(70);
      int tokens = 1 + random.nextInt(200);
      double spread = trial % 2 == 0 ? 0 : 12;
      Section section = new Section(ElementKind.BF16, heads, dim, tokens);
      byte[] bytes = bfloats(heads, tokens, dim, spread, random);
      byte[] encoded = section.encode(bytes);
      orders[encoded[1]] = true;
      assertThat(section.decode(encoded)).as("seed %d", seed).isEqualTo(bytes);
    }
    assertThat(orders).as("seed %d", seed).containsOnly(true);
  }

  @Test
  void rowsThatRepeatAreWrittenOnce() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    for (ElementKind kind : ElementKind.values()) {
      Section section = new Section(kind, 3, 40, 100);
      byte[] bytes = repeating(section, 10, random);
      byte[] encoded = section.encode(bytes);

      assertThat(encoded[1] & REFERENCES).as("seed %d", seed).isEqualTo(REFERENCES);
      assertThat(encoded.length).isLessThan(bytes.length / 8);
      assertThat(section.decode(encoded)).as("seed %d", seed).isEqualTo(bytes);
    }
  }

  @Test
  void rowsThatDifferInTheLastByteOfTheLastHeadAreBothKept() {
    Section section = new Section(ElementKind.BF16, 3, 40, 100);
    byte[] bytes = repeating(section, 1, new SplittableRandom(9));
    for (int token = 0; token < 100; token++) {
      bytes[2 * (2 * 100 * 40 + token * 40 + 39) + 1] = (byte) token;
    }
    byte[] encoded = section.encode(bytes);

    assertThat(encoded[1] & REFERENCES).isZero();
    assertThat(section.decode(encoded)).isEqualTo(bytes);
  }

  @Test
  void rowsTooShortForReferencesAreRefusedWithThem() {
    Section section = new Section(ElementKind.BF16, 1, 15, 30);
    byte[] encoded = section.encode(new byte[2 * 15 * 30]);
    assertThat(encoded[1] & REFERENCES).isZero();
    encoded[1] |= REFERENCES;

    assertThat(section.reading(encoded)).isInstanceOf(Refused.class);
  }

  @Test
  void normalBfloatsTakeTwoThirds() {
    byte[] bytes = bfloats(8, 128, 64, 0, new SplittableRandom(3));
    byte[] encoded = new Section(ElementKind.BF16, 8, 64, 128).encode(bytes);

    assertThat((double) encoded.length / bytes.length).isBetween(0.655, 0.670);
  }

  @Test
  void channelsOfDifferentScaleAreWrittenApart() {
    byte[] bytes = bfloats(2, 128, 64, 8, new SplittableRandom(4));
    byte[] encoded = new Section(ElementKind.BF16, 2, 64, 128).encode(bytes);

    assertThat(encoded[1]).isEqualTo((byte) CHANNELS);
    assertThat((double) encoded.length / bytes.length).isLessThan(0.70);
  }

  @Test
  void noiseGrowsByTheHeadersOnlyAndOneValueShrinksToThem() {
    byte[] noise = new byte[2 * 128 * 64];
    new SplittableRandom(5).nextBytes(noise);
    byte[] same = new byte[noise.length];
    Section section = new Section(ElementKind.F16, 1, 64, 128);

    assertThat(section.encode(noise).length).isLessThanOrEqualTo(noise.length + 12 + 24);
    assertThat(section.encode(same).length).isEqualTo(12 + 2 * 13);
  }

  @Test
  void noTokensTakeTheHeadersOnly() {
    Section section = new Section(ElementKind.BF16, 2, 64, 0);

    assertThat(section.decode(section.encode(new byte[0]))).isEmpty();
  }

  @Test
  void backendsWriteTheSameBytes() {
    byte[] bytes = bfloats(16, 128, 64, 2, new SplittableRandom(6));
    Section scalar = new Section(ElementKind.BF16, 16, 64, 128);
    Section vector = new Section(ElementKind.BF16, 16, 64, 128, Backend.VECTOR);

    assertThat(vector.encode(bytes)).isEqualTo(scalar.encode(bytes));
    assertThat(vector.decode(scalar.encode(bytes))).isEqualTo(bytes);
  }

  @Test
  void damageIsRefusedOrChangesValuesAndNothingElse() {
    damaged(new Section(ElementKind.BF16, 2, 8, 8), bfloats(2, 8, 8, 9, new SplittableRandom(7)));
  }

  @Test
  void damageToReferencesIsRefusedOrChangesValuesAndNothingElse() {
    Section section = new Section(ElementKind.BF16, 2, 12, 30);
    byte[] bytes = repeating(section, 4, new SplittableRandom(7));
    assertThat(section.encode(bytes)[1] & REFERENCES).isEqualTo(REFERENCES);

    damaged(section, bytes);
  }

  private static void damaged(Section section, byte[] bytes) {
    byte[] sound = section.encode(bytes);
    for (int at = 0; at < sound.length; at++) {
      for (int bit = 0; bit < 8; bit++) {
        byte[] damaged = sound.clone();
        damaged[at] ^= (byte) (1 << bit);
        section.reading(damaged);
      }
      assertThat(section.reading(Arrays.copyOf(sound, at))).isInstanceOf(Refused.class);
    }
    assertThat(section.reading(Arrays.copyOf(sound, sound.length + 1))).isInstanceOf(Refused.class);
    assertThat(section.reading(sound)).isEqualTo(new Read());
  }

  @Test
  void aRefusedSectionLeavesTheTargetAsItWas() {
    byte[] bytes = bfloats(1, 64, 8, 0, new SplittableRandom(8));
    Section section = new Section(ElementKind.BF16, 1, 8, 64);
    byte[] damaged = section.encode(bytes);
    damaged[damaged.length - 1 - 64 * 8 - 12] ^= 0x40;
    byte[] target = new byte[bytes.length];
    Arrays.fill(target, (byte) 0x5a);

    assertThat(section.reading(damaged, target)).isInstanceOf(Refused.class);
    assertThat(target).containsOnly(0x5a);
  }

  @Test
  void refusesMoreTokensThanItWasMadeFor() {
    LosslessSection section = new LosslessSection(ElementKind.F16, 1, 8, 4, Backend.SCALAR);
    MemorySegment memory = MemorySegment.ofArray(new byte[1000]);

    assertThatThrownBy(() -> section.encode(_ -> memory, 5, memory))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("tokens must lie between 0 and 4: 5");
  }

  @Test
  void theBytesStayWhatTheyAre() {
    byte[] bytes = new byte[2 * 4 * 8];
    for (int i = 0; i < bytes.length / 2; i++) {
      short value = Bfloat16.of((i % 8 - 3.5f) * (1 + i / 8));
      bytes[2 * i] = (byte) value;
      bytes[2 * i + 1] = (byte) (value >>> 8);
    }
    Section section = new Section(ElementKind.BF16, 1, 8, 4);

    assertThat(HexFormat.of().formatHex(section.encode(bytes))).isEqualTo(GOLDEN);
    assertThat(section.decode(HexFormat.of().parseHex(GOLDEN))).isEqualTo(bytes);
  }

  private static final String GOLDEN =
      "02000000220000002c0000000200010020000000010000007e8281008300840085002b7a1b00f6dd"
          + "f54c416f0052000000002000000001000000c1418101008040c0c1418101008040c051e121818020"
          + "e050c1418101008040c0";

  @Test
  void theBytesOfReferencesStayWhatTheyAre() {
    byte[] bytes = new byte[4 * 32];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (i / 32 % 2 == 0 ? 7 * i : 5 * (i % 32));
    }
    Section section = new Section(ElementKind.BYTES, 1, 32, 4);
    byte[] repeated = bytes.clone();
    System.arraycopy(bytes, 0, repeated, 64, 64);

    assertThat(HexFormat.of().formatHex(section.encode(repeated))).isEqualTo(GOLDEN_REFERENCES);
    assertThat(section.decode(HexFormat.of().parseHex(GOLDEN_REFERENCES))).isEqualTo(repeated);
  }

  private static final String GOLDEN_REFERENCES =
      "010200004c0000001000000000000000040000000100000000000202000000004000000001000000"
          + "00070e151c232a31383f464d545b626970777e858c939aa1a8afb6bdc4cbd2d900050a0f14191e23"
          + "282d32373c41464b50555a5f64696e73787d82878c91969b";

  @Test
  void everyStoredTypeHasItsKind() {
    for (Dtype dtype : Dtype.values()) {
      assertThat(ElementKind.of(dtype).bytes()).isEqualTo(dtype.bytes());
    }
  }

  /** Random bytes of which every token's rows are one of {@code different}. */
  private static byte[] repeating(Section section, int different, SplittableRandom random) {
    int rowBytes = section.dim() * section.kind().bytes();
    byte[][] rows = new byte[different * section.heads()][rowBytes];
    for (byte[] row : rows) {
      random.nextBytes(row);
    }
    byte[] bytes = new byte[section.heads() * section.tokens() * rowBytes];
    for (int token = 0; token < section.tokens(); token++) {
      int pick = random.nextInt(different);
      for (int head = 0; head < section.heads(); head++) {
        System.arraycopy(
            rows[pick * section.heads() + head],
            0,
            bytes,
            (head * section.tokens() + token) * rowBytes,
            rowBytes);
      }
    }
    return bytes;
  }

  private static byte[] back(Section section, byte[] bytes) {
    return section.decode(section.encode(bytes));
  }

  /** Normal values whose channels differ in scale by up to {@code 2^spread}. */
  private static byte[] bfloats(
      int heads, int tokens, int dim, double spread, SplittableRandom random) {
    double[] scale = new double[heads * dim];
    Arrays.setAll(scale, _ -> Math.pow(2, spread * random.nextDouble()));
    ByteBuffer buffer =
        ByteBuffer.allocate(2 * heads * tokens * dim).order(ByteOrder.LITTLE_ENDIAN);
    for (int head = 0; head < heads; head++) {
      for (int i = 0; i < tokens * dim; i++) {
        double value = random.nextGaussian() * scale[head * dim + i % dim];
        buffer.putShort(Bfloat16.of((float) value));
      }
    }
    return buffer.array();
  }

  /** A section over plain arrays, {@code [heads][tokens][dim]}, in native memory. */
  private record Section(ElementKind kind, int heads, int dim, int tokens, Backend backend) {
    Section(ElementKind kind, int heads, int dim, int tokens) {
      this(kind, heads, dim, tokens, Backend.SCALAR);
    }

    LosslessSection open() {
      return new LosslessSection(kind, heads, dim, tokens, backend);
    }

    IntFunction<MemorySegment> slices(MemorySegment bytes) {
      long each = (long) tokens * dim * kind.bytes();
      return head -> bytes.asSlice(head * each, each);
    }

    byte[] encode(byte[] bytes) {
      byte[] target = new byte[(int) open().maxBytes(tokens)];
      int length =
          open()
              .encode(slices(MemorySegment.ofArray(bytes)), tokens, MemorySegment.ofArray(target));
      return Arrays.copyOf(target, length);
    }

    byte[] decode(byte[] encoded) {
      byte[] bytes = new byte[heads * tokens * dim * kind.bytes()];
      assertThat(reading(encoded, bytes)).isEqualTo(new Read());
      return bytes;
    }

    SymbolReading reading(byte[] encoded) {
      return reading(encoded, new byte[heads * tokens * dim * kind.bytes()]);
    }

    SymbolReading reading(byte[] encoded, byte[] target) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment memory = arena.allocate(Math.max(1, target.length), 64);
        MemorySegment.copy(MemorySegment.ofArray(target), 0, memory, 0, target.length);
        SymbolReading reading =
            open().decode(MemorySegment.ofArray(encoded), tokens, slices(memory));
        MemorySegment.copy(memory, 0, MemorySegment.ofArray(target), 0, target.length);
        return reading;
      }
    }
  }
}
