package dev.varve.compression.calibrated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.compression.CodecContext;
import dev.varve.compression.DecodeResult;
import dev.varve.compression.EncodeResult;
import dev.varve.compression.EncodeResult.Encoded;
import dev.varve.compression.ErrorBound;
import dev.varve.compression.FloatCodec;
import dev.varve.compression.Section;
import dev.varve.compression.SectionFloats;
import dev.varve.compression.SectionShape;
import dev.varve.compression.SyntheticKv;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class KvQuantTest {
  private static final int HEADS = 2;
  private static final int TOKENS = 128;
  private static final int DIM = 64;
  private static final int POSITION = 70_000;

  private final long seed = System.nanoTime();
  private final SplittableRandom random = new SplittableRandom(seed);

  static Stream<RopeSpec> ropes() {
    return Stream.of(
        RopeSpec.none(),
        RopeSpec.of(DIM, 10_000, RopeSpec.Pairing.HALVES),
        RopeSpec.of(DIM, 500_000, RopeSpec.Pairing.INTERLEAVED),
        RopeSpec.of(DIM / 4, 10_000, RopeSpec.Pairing.HALVES),
        new RopeSpec(
            DIM,
            10_000,
            RopeSpec.Pairing.HALVES,
            RopeSpec.Stored.PRE_ROPE,
            new RopeSpec.Scaling.None()));
  }

  private static SectionShape shape(Section section, RopeSpec rope) {
    return new SectionShape(section, HEADS, TOKENS, DIM, Dtype.F32, rope);
  }

  /** Keys with large channels before RoPE, then turned to {@code position} and up. */
  private float[] keys(RopeSpec rope, int position, SplittableRandom source) {
    float[] keys = SyntheticKv.keys(source, HEADS, TOKENS, DIM);
    KeyTurn turn = new KeyTurn(shape(Section.KEYS, rope));
    turn.prepare(position);
    for (int row = 0; row < HEADS * TOKENS; row++) {
      turn.forth(keys, row * DIM, row % TOKENS);
    }
    return keys;
  }

  /** Tables of other keys that have the same large channels. */
  private LayerTables tables(RopeSpec rope, long layer) {
    SplittableRandom source = new SplittableRandom(layer);
    float[] keys = keys(rope, 0, source);
    float[] values = SyntheticKv.gaussian(random, keys.length);
    LayerCalibration calibration =
        new LayerCalibration(
            LayerShape.grouped(4, HEADS, DIM, rope), new CalibrationSettings(0.5, 0.016));
    return calibration.calibrate(keys, values, TOKENS, 0, calibration.alike());
  }

  private static MemorySegment encode(
      FloatCodec codec, SectionShape shape, float[] values, int at) {
    int tokens = values.length / shape.channels();
    MemorySegment target = Arena.ofAuto().allocate(codec.maxBytes(tokens));
    SectionFloats floats = new SectionFloats(shape, tokens, at, values.clone());
    EncodeResult result = codec.encode(floats, CodecContext.of(tokens), target);
    assertThat(result).isInstanceOf(Encoded.class);
    return target.asSlice(0, ((Encoded) result).bytes());
  }

  private static float[] decode(
      FloatCodec codec, SectionShape shape, MemorySegment section, int tokens, int at) {
    float[] values = new float[tokens * shape.channels()];
    assertThat(codec.decode(section, new SectionFloats(shape, tokens, at, values)))
        .isEqualTo(new DecodeResult.Decoded(tokens));
    return values;
  }

  @ParameterizedTest
  @MethodSource("ropes")
  void staysWithinTheReachesItWasCalibratedFor(RopeSpec rope) {
    SectionShape shape = shape(Section.KEYS, rope);
    LayerTables tables = tables(rope, seed);
    float[] keys = keys(rope, POSITION, new SplittableRandom(seed));
    double last = Double.POSITIVE_INFINITY;
    for (int bits = 2; bits <= 4; bits++) {
      FloatCodec codec = new KvQuantFormat(bits).codec(shape, tables, Backend.SCALAR);
      MemorySegment section = encode(codec, shape, keys, POSITION);
      float[] decoded = decode(codec, shape, section, TOKENS, POSITION);
      var bound = (ErrorBound.OfGroupPeak) codec.bound();
      double squares = 0;
      int exact = 0;
      for (int i = 0; i < keys.length; i++) {
        double error = Math.abs((double) decoded[i] - keys[i]);
        assertThat(error)
            .as("seed %d element %d", seed, i)
            .isLessThanOrEqualTo(bound.fraction() * 20 + bound.floor());
        squares += error * error;
        exact += error == 0 ? 1 : 0;
      }
      assertThat(exact).as("outliers, seed %d", seed).isGreaterThan(keys.length / 200);
      assertThat(squares).as("seed %d", seed).isLessThan(last);
      last = squares;
    }
  }

  /** Whatever lies out of reach comes back bit by bit, and costs what the format says. */
  @ParameterizedTest
  @MethodSource("ropes")
  void keepsOutliersExactly(RopeSpec rope) {
    SectionShape shape = shape(Section.KEYS, rope);
    FloatCodec codec = new KvQuantFormat(3).codec(shape, tables(rope, seed), Backend.SCALAR);
    float[] calm = new float[HEADS * TOKENS * DIM];
    FloatCodec same = new KvQuantFormat(3).codec(shape, tables(rope, seed), Backend.SCALAR);
    float[] middle =
        decode(
            same,
            shape,
            encode(same, shape, keys(rope, 0, new SplittableRandom(seed)), 0),
            TOKENS,
            0);
    System.arraycopy(middle, 0, calm, 0, calm.length);
    long before = encode(codec, shape, calm, 0).byteSize();
    int[] places = {3 * DIM, 3 * DIM + 9, (TOKENS + 77) * DIM + DIM - 1};
    for (int place : places) {
      calm[place] = 1000 + place;
    }
    MemorySegment section = encode(codec, shape, calm, 0);
    float[] decoded = decode(codec, shape, section, TOKENS, 0);
    KeyPairs pairs =
        KeyPairs.of(rope.stored() == RopeSpec.Stored.PRE_ROPE ? RopeSpec.none() : rope, DIM);
    for (int place : places) {
      int partner = place - place % DIM + pairs.partner(place % DIM);
      assertThat(decoded[place]).isEqualTo(calm[place]);
      assertThat(decoded[partner]).isEqualTo(calm[partner]);
    }
    assertThat(section.byteSize()).isBetween(before, before + 3 * (2 + 8));
  }

  @Test
  void takesTheBytesOfItsFormula() {
    RopeSpec rope = RopeSpec.of(DIM, 10_000, RopeSpec.Pairing.HALVES);
    LayerTables tables = tables(rope, seed);
    float[] keys = keys(rope, 0, new SplittableRandom(seed));
    for (int bits = 2; bits <= 4; bits++) {
      SectionShape shape = shape(Section.KEYS, rope);
      FloatCodec codec = new KvQuantFormat(bits).codec(shape, tables, Backend.SCALAR);
      MemorySegment section = encode(codec, shape, keys, 0);
      int outliers = 0;
      for (int token = 0; token < TOKENS; token++) {
        outliers += section.get(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * token);
      }
      long codes = (long) HEADS * TOKENS * DIM * bits / 8;
      assertThat(section.byteSize())
          .as("seed %d", seed)
          .isEqualTo(2 * TOKENS + codes + outliers * (2 + 2 * 4L));
      SectionShape values = shape(Section.VALUES, rope);
      // two parameters and two outliers of 2 + 4 bytes for each token of 128 channels
      assertThat(new KvQuantFormat(bits).bitsPerValue(values))
          .isEqualTo(bits + (4 + 2 * 6) * 8 / 128.0);
      assertThat(new KvQuantFormat(bits).codec(values, tables, Backend.SCALAR).maxBytes(TOKENS))
          .isEqualTo(TOKENS * (4 + 2 * 6) + codes);
    }
  }

  /** A key depends on no other, so appending one is the same as encoding all. */
  @ParameterizedTest
  @ValueSource(strings = {"KEYS", "VALUES"})
  void writesATokenAloneAsItWritesItAmongOthers(String name) {
    Section section = Section.valueOf(name);
    RopeSpec rope = RopeSpec.of(DIM, 10_000, RopeSpec.Pairing.HALVES);
    SectionShape shape = shape(section, rope);
    FloatCodec codec = new KvQuantFormat(3).codec(shape, tables(rope, seed), Backend.SCALAR);
    float[] all = keys(rope, 500, new SplittableRandom(seed));
    float[] together = decode(codec, shape, encode(codec, shape, all, 500), TOKENS, 500);
    // One key may have more outliers alone than are allowed of one; of 64 it has not.
    for (int half = 0; half < 2; half++) {
      float[] some = new float[all.length / 2];
      for (int head = 0; head < HEADS; head++) {
        System.arraycopy(all, (head * TOKENS + half * 64) * DIM, some, head * 64 * DIM, 64 * DIM);
      }
      int at = 500 + half * 64;
      float[] apart = decode(codec, shape, encode(codec, shape, some, at), 64, at);
      for (int head = 0; head < HEADS; head++) {
        int from = (head * TOKENS + half * 64) * DIM;
        assertThat(Arrays.copyOfRange(apart, head * 64 * DIM, (head + 1) * 64 * DIM))
            .as("seed %d", seed)
            .containsExactly(Arrays.copyOfRange(together, from, from + 64 * DIM));
      }
    }
  }

  @Test
  void refusesKeysThatItWasNotCalibratedFor() {
    RopeSpec rope = RopeSpec.of(DIM, 10_000, RopeSpec.Pairing.HALVES);
    SectionShape shape = shape(Section.KEYS, rope);
    FloatCodec codec = new KvQuantFormat(4).codec(shape, tables(rope, 1), Backend.SCALAR);
    float[] keys = keys(rope, 0, new SplittableRandom(1));
    for (int i = 0; i < keys.length; i++) {
      keys[i] *= 5;
    }
    MemorySegment target = Arena.ofAuto().allocate(codec.maxBytes(TOKENS));
    EncodeResult result =
        codec.encode(new SectionFloats(shape, TOKENS, 0, keys), CodecContext.of(TOKENS), target);
    assertThat(result).isInstanceOf(EncodeResult.Refused.class);
    EncodeResult.Refused refused = (EncodeResult.Refused) result;
    assertThat(refused.cause()).isEqualTo(EncodeResult.Cause.OUT_OF_RANGE);
    assertThat(refused.reason())
        .contains("more than 1024 of 8192 keys lie outside of the calibrated ranges");
  }

  @Test
  void findsForgedOutliers() {
    RopeSpec rope = RopeSpec.of(DIM, 10_000, RopeSpec.Pairing.HALVES);
    SectionShape shape = shape(Section.KEYS, rope);
    FloatCodec codec = new KvQuantFormat(2).codec(shape, tables(rope, seed), Backend.SCALAR);
    MemorySegment sound = encode(codec, shape, keys(rope, 0, new SplittableRandom(seed)), 0);
    float[] values = new float[shape.values(TOKENS)];
    SectionFloats floats = new SectionFloats(shape, TOKENS, 0, values);
    long first = 2L * TOKENS + HEADS * TOKENS * DIM * 2 / 8;
    for (int forged : new int[] {32, 63, 128, 65535}) { // second of a pair, no channel
      MemorySegment copy = Arena.ofAuto().allocate(sound.byteSize()).copyFrom(sound);
      copy.set(ValueLayout.JAVA_SHORT_UNALIGNED, first, (short) forged);
      assertThat(codec.decode(copy, floats)).isInstanceOf(DecodeResult.Refused.class);
    }
    for (int token = 0; token < TOKENS; token += 17) {
      MemorySegment copy = Arena.ofAuto().allocate(sound.byteSize()).copyFrom(sound);
      copy.set(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * token, (short) 0x7fff);
      assertThat(codec.decode(copy, floats)).isInstanceOf(DecodeResult.Refused.class);
    }
  }

  @Test
  void refusesLevelsAndReachesThatCannotBe() {
    RopeSpec rope = RopeSpec.none();
    SectionShape shape = shape(Section.VALUES, rope);
    float[][] wrong = {{-1, 1, 0, 1}, {-2, 0, 0, 1}, {-1, 0, 0.5f, 1.5f}};
    for (float[] levels : wrong) {
      LayerTables tables = LayerTables.of(java.util.Map.of(TableKind.VALUE_LEVELS_2, levels));
      assertThatThrownBy(() -> new KvQuantFormat(2).codec(shape, tables, Backend.SCALAR))
          .hasMessageContaining("levels ascend from -1 to 1");
    }
  }
}
