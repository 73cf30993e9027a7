package dev.varve.compression.bitstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.compression.CodecContext;
import dev.varve.compression.DecodeResult;
import dev.varve.compression.EncodeResult;
import dev.varve.compression.EncodeResult.Encoded;
import dev.varve.compression.Encodings;
import dev.varve.compression.ErrorBound;
import dev.varve.compression.Section;
import dev.varve.compression.SectionFloats;
import dev.varve.compression.SectionShape;
import dev.varve.store.Dtype;
import dev.varve.store.RopeSpec;
import dev.varve.store.RopeSpec.Pairing;
import dev.varve.store.RopeSpec.Stored;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.Rotary;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BitstreamCodecTest {
  private static final int TOKENS = 96;
  private static final int HEADS = 2;
  private static final int DIM = 48;
  private static final RopeSpec NO_ROPE = RopeSpec.none();

  private final long seed = System.nanoTime();
  private final SplittableRandom random = new SplittableRandom(seed);

  private static final class Coded {
    private final byte[] bytes;
    private final float[] decoded;

    Coded(byte[] bytes, float[] decoded) {
      this.bytes = bytes;
      this.decoded = decoded;
    }

    byte[] bytes() {
      return bytes;
    }

    float[] decoded() {
      return decoded;
    }
  }

  private static SectionShape shape(Section section, RopeSpec rope) {
    return new SectionShape(section, HEADS, TOKENS, DIM, Dtype.F16, rope);
  }

  private static Coded code(int level, SectionShape shape, float[] values, int tokens) {
    return code(level, shape, values, tokens, Backend.SCALAR);
  }

  private static Coded code(
      int level, SectionShape shape, float[] values, int tokens, Backend backend) {
    BitstreamCodec codec = new BitstreamCodec(new BitstreamFormat(level), shape, backend);
    MemorySegment target = Arena.ofAuto().allocate(codec.maxBytes(tokens));
    SectionFloats floats = new SectionFloats(shape, tokens, 0, values.clone());
    EncodeResult result = codec.encode(floats, CodecContext.of(Math.max(1, tokens)), target);
    MemorySegment bytes = target.asSlice(0, ((Encoded) result).bytes());
    SectionFloats decoded = new SectionFloats(shape, tokens, 0, new float[values.length]);
    assertThat(codec.decode(bytes, decoded)).isEqualTo(new DecodeResult.Decoded(tokens));
    return new Coded(bytes.toArray(ValueLayout.JAVA_BYTE), decoded.values());
  }

  private float[] gaussian() {
    float[] values = new float[HEADS * TOKENS * DIM];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static double error(float[] before, float[] after) {
    double sum = 0;
    for (int i = 0; i < before.length; i++) {
      sum += ((double) after[i] - before[i]) * ((double) after[i] - before[i]);
    }
    return Math.sqrt(sum / before.length);
  }

  @Test
  void takesFewerBytesAndErrsMoreWithEveryLevel() {
    float[] values = gaussian();
    for (Section section : Section.values()) {
      Coded before = code(0, shape(section, NO_ROPE), values, TOKENS);
      for (int level = 1; level <= 6; level++) {
        Coded after = code(level, shape(section, NO_ROPE), values, TOKENS);
        assertThat(after.bytes().length).as("seed %d", seed).isLessThan(before.bytes().length);
        assertThat(error(values, after.decoded()))
            .as("seed %d", seed)
            .isGreaterThan(error(values, before.decoded()));
        before = after;
      }
    }
  }

  /** Uniform quantization of normal numbers at a step of a quarter takes 4.05 bits. */
  @Test
  void comesNearTheEntropyOfItsNumbers() {
    Coded coded = code(2, shape(Section.VALUES, NO_ROPE), gaussian(), TOKENS);
    double bits = 8.0 * coded.bytes().length / (HEADS * TOKENS * DIM);
    assertThat(bits).as("seed %d", seed).isBetween(3.9, 4.5);
  }

  @Test
  void staysWithinItsBoundHoweverKeysAreTurned() {
    float[] values = gaussian();
    double peak = 0;
    for (float value : values) {
      peak = Math.max(peak, Math.abs(value));
    }
    for (RopeSpec rope :
        List.of(
            RopeSpec.of(DIM, 10_000, Pairing.HALVES),
            RopeSpec.of(DIM, 10_000, Pairing.INTERLEAVED),
            RopeSpec.of(16, 500_000, Pairing.HALVES),
            new RopeSpec(DIM, 1e4, Pairing.HALVES, Stored.PRE_ROPE, new RopeSpec.Scaling.None()))) {
      for (int level = 0; level <= 6; level++) {
        SectionShape shape = shape(Section.KEYS, rope);
        BitstreamCodec codec =
            new BitstreamCodec(new BitstreamFormat(level), shape, Backend.SCALAR);
        ErrorBound.OfGroupPeak bound = (ErrorBound.OfGroupPeak) codec.bound();
        float[] decoded = code(level, shape, values, TOKENS).decoded();
        for (int i = 0; i < values.length; i++) {
          assertThat(Math.abs((double) decoded[i] - values[i]))
              .as("%s level %d seed %d", rope, level, seed)
              .isLessThanOrEqualTo(bound.fraction() * peak + bound.floor());
        }
      }
    }
  }

  /**
   * Keys that are alike before RoPE keep their small differences, though no two stored rows are.
   */
  @Test
  void seesThatTurnedKeysAreAlike() {
    for (Pairing pairing : Pairing.values()) {
      RopeSpec rope = RopeSpec.of(DIM, 10_000, pairing);
      float[] keys = turned(rope);
      Coded knowing = code(3, shape(Section.KEYS, rope), keys, TOKENS);
      Coded ignorant = code(3, shape(Section.KEYS, NO_ROPE), keys, TOKENS);
      assertThat(error(keys, knowing.decoded()))
          .as("%s seed %d", pairing, seed)
          .isLessThan(error(keys, ignorant.decoded()) / 10);
    }
  }

  /** One row for all tokens with a little noise, turned as from position 1000 on. */
  private float[] turned(RopeSpec rope) {
    float[] row = new float[DIM];
    for (int i = 0; i < DIM; i++) {
      row[i] = (float) random.nextGaussian();
    }
    Rotary rotary = new Rotary(rope);
    rotary.prepare(1000, TOKENS);
    float[] byToken = new float[TOKENS * HEADS * DIM];
    for (int i = 0; i < byToken.length; i++) {
      byToken[i] = row[i % DIM] + 0.01f * (float) random.nextGaussian();
    }
    rotary.turn(byToken, TOKENS, HEADS, DIM);
    float[] keys = new float[byToken.length];
    for (int i = 0; i < keys.length; i++) {
      int token = i / DIM / HEADS;
      int head = i / DIM % HEADS;
      keys[(head * TOKENS + token) * DIM + i % DIM] = byToken[i];
    }
    return keys;
  }

  @Test
  void writesRowsThatRepeatAsReferences() {
    float[] values = gaussian();
    int plain = code(3, shape(Section.VALUES, NO_ROPE), values, TOKENS).bytes().length;
    for (int head = 0; head < HEADS; head++) {
      for (int token = 12; token < TOKENS; token++) {
        int at = (head * TOKENS + token) * DIM;
        System.arraycopy(values, (head * TOKENS + token % 12) * DIM, values, at, DIM);
      }
    }
    Coded coded = code(3, shape(Section.VALUES, NO_ROPE), values, TOKENS);
    assertThat(coded.bytes().length).as("seed %d", seed).isLessThan(plain / 3);
    assertThat(coded.bytes()[0]).as("references").isEqualTo((byte) 1);
  }

  @Test
  void leavesReferencesAwayWhereTheyDoNotPay() {
    Coded coded = code(3, shape(Section.VALUES, NO_ROPE), gaussian(), TOKENS);
    assertThat(coded.bytes()[0]).as("seed %d", seed).isZero();
  }

  @Test
  void givesBackSectionsWithoutSpreadExactly() {
    float[] values = new float[HEADS * TOKENS * DIM];
    assertThat(code(6, shape(Section.VALUES, NO_ROPE), values, TOKENS).decoded())
        .containsExactly(values);
    Coded none = code(2, shape(Section.KEYS, NO_ROPE), new float[0], 0);
    assertThat(none.bytes()).isEmpty();
  }

  @Test
  void keepsRareLargeNumbersAsEscapes() {
    float[] values = gaussian();
    values[1234] = 500;
    values[77] = -300;
    for (int level = 0; level <= 6; level++) {
      float[] decoded = code(level, shape(Section.VALUES, NO_ROPE), values, TOKENS).decoded();
      double step = new BitstreamFormat(level).step(Section.VALUES) * 8;
      assertThat(decoded[1234])
          .as("level %d", level)
          .isBetween(500f - (float) step, 500f + (float) step);
      assertThat(decoded[77]).isBetween(-300f - (float) step, -300f + (float) step);
    }
  }

  /** What a section's own structure catches, where no checksum stands in front of it. */
  @Test
  void answersEveryDamagedSectionWithAValue() {
    SectionShape shape = shape(Section.KEYS, NO_ROPE);
    BitstreamCodec codec = new BitstreamCodec(new BitstreamFormat(4), shape, Backend.VECTOR);
    float[] values = gaussian();
    values[1234] = 20;
    byte[] bytes = code(4, shape, values, TOKENS).bytes();
    int front = BitstreamLayout.HEADER_LENGTH + shape.channels();
    int refused = 0;
    for (int at = 0; at < bytes.length; at++) {
      byte[] damaged = bytes.clone();
      damaged[at] ^= (byte) (1 << random.nextInt(8));
      boolean refuses = refuses(codec, shape, damaged);
      refused += refuses && at >= front ? 1 : 0;
      byte[] shorter = Arrays.copyOf(bytes, at);
      assertThat(refuses(codec, shape, shorter)).as("%d bytes", at).isTrue();
    }
    assertThat(refused)
        .as("of %d flipped bits behind the means, seed %d", bytes.length - front, seed)
        .isGreaterThan((bytes.length - front) * 9 / 10);
  }

  private static boolean refuses(BitstreamCodec codec, SectionShape shape, byte[] bytes) {
    SectionFloats decoded = new SectionFloats(shape, TOKENS, 0, new float[shape.values(TOKENS)]);
    return codec.decode(MemorySegment.ofArray(bytes), decoded) instanceof DecodeResult.Refused;
  }

  /** Rows like earlier ones, some the same, and some elements far out. */
  @Test
  void writesTheSameBytesOnEveryBackend() {
    RopeSpec rope = RopeSpec.of(DIM, 10_000, Pairing.HALVES);
    float[] values = gaussian();
    for (int head = 0; head < HEADS; head++) {
      for (int token = 20; token < TOKENS; token++) {
        int at = (head * TOKENS + token) * DIM;
        int from = (head * TOKENS + token % 20) * DIM;
        float noise = token % 3 == 0 ? 0 : 0.3f;
        for (int i = 0; i < DIM; i++) {
          values[at + i] = values[from + i] + noise * (float) random.nextGaussian();
        }
      }
    }
    values[77] = 90;
    for (Section section : Section.values()) {
      SectionShape shape = shape(section, rope);
      for (int level = 0; level <= 6; level++) {
        for (int tokens : new int[] {1, 33, TOKENS - 3, TOKENS}) {
          Coded scalar = code(level, shape, values, tokens, Backend.SCALAR);
          Coded vector = code(level, shape, values, tokens, Backend.VECTOR);
          assertThat(vector.bytes())
              .as("%s level %d, %d tokens, seed %d", section, level, tokens, seed)
              .containsExactly(scalar.bytes());
        }
      }
    }
  }

  @Test
  void hasANameWithItsLevelInBrackets() {
    assertThat(Encodings.parse("bitstream(level=2)")).isEqualTo(Encodings.parse("bitstream2"));
    assertThat(Encodings.parse("bitstream(level=1)/bitstream(level=3)"))
        .isEqualTo(Encodings.parse("bitstream1/bitstream3"));
    assertThat(Encodings.name(Encodings.parse("bitstream(level=6)"))).isEqualTo("bitstream6");
    assertThatThrownBy(() -> Encodings.parse("bitstream(level=7)"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("bitstream(level=7)");
    assertThatThrownBy(() -> new BitstreamFormat(7)).hasMessageContaining("level");
  }
}
