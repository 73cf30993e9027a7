package dev.varve.compression.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.varve.compression.CodecContext;
import dev.varve.compression.DecodeResult;
import dev.varve.compression.EncodeResult.Encoded;
import dev.varve.compression.EncodedRows;
import dev.varve.compression.Section;
import dev.varve.compression.SectionFloats;
import dev.varve.compression.SectionShape;
import dev.varve.compression.SyntheticKv;
import dev.varve.store.Dtype;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class UniformPropertiesTest {
  private static final int HEADS = 2;
  private static final int TOKENS = 128;
  private static final int DIM = 128;
  private static final SectionShape SHAPE = shape(HEADS, TOKENS, DIM);

  private final long seed = System.nanoTime();
  private final SplittableRandom random = new SplittableRandom(seed);

  static Stream<UniformFormat> formats() {
    return UniformFormat.all().stream();
  }

  private static SectionShape shape(int heads, int tokens, int dim) {
    return new SectionShape(Section.KEYS, heads, tokens, dim, Dtype.F32, RopeSpec.none());
  }

  private static MemorySegment encode(UniformFormat format, SectionShape shape, float[] values) {
    EncodedRows codec = format.codec(shape, Backend.SCALAR);
    int tokens = values.length / shape.channels();
    MemorySegment target = Arena.ofAuto().allocate(codec.maxBytes(tokens));
    SectionFloats floats = new SectionFloats(shape, tokens, 0, values.clone());
    assertThat(codec.encode(floats, CodecContext.of(tokens), target))
        .isEqualTo(new Encoded(target.byteSize()));
    return target;
  }

  private static float[] decode(UniformFormat format, SectionShape shape, MemorySegment source) {
    float[] values = new float[shape.values(shape.blockTokens())];
    SectionFloats floats = new SectionFloats(shape, shape.blockTokens(), 0, values);
    assertThat(format.codec(shape, Backend.SCALAR).decode(source, floats))
        .isEqualTo(new DecodeResult.Decoded(shape.blockTokens()));
    return values;
  }

  private static float[] roundTrip(UniformFormat format, float[] values) {
    return decode(format, SHAPE, encode(format, SHAPE, values));
  }

  private static double relativeError(float[] before, float[] after) {
    double error = 0;
    double norm = 0;
    for (int i = 0; i < before.length; i++) {
      error += ((double) after[i] - before[i]) * ((double) after[i] - before[i]);
      norm += (double) before[i] * before[i];
    }
    return error / norm;
  }

  /** Half a step for every element, and the ends of each group come back. */
  @ParameterizedTest
  @MethodSource("formats")
  void errsByAtMostHalfAStepOfItsGroup(UniformFormat format) {
    float[] before = SyntheticKv.keys(random, HEADS, TOKENS, DIM);
    float[] after = roundTrip(format, before);
    Groups.of(format, SHAPE)
        .forEach(group -> {
          double lowest = Arrays.stream(group).mapToDouble(i -> before[i]).min().orElseThrow();
          double highest = Arrays.stream(group).mapToDouble(i -> before[i]).max().orElseThrow();
          double range =
              format.symmetric()
                  ? 2 * Math.max(Math.abs(lowest), Math.abs(highest))
                  : highest - lowest + Math.abs(lowest) * 0x1p-10;
          int top = AffineFit.top(format.bits(), format.symmetric());
          double step = range / top * (1 + 0x1p-10) + 0x1p-24;
          for (int i : group) {
            assertThat((double) after[i])
                .as("%s seed %d", format.name(), seed)
                .isCloseTo(before[i], within(step * 0.501));
            if (!format.symmetric() && (before[i] == lowest || before[i] == highest)) {
              double rounding = Math.abs(lowest) * 0x1p-10 + range * 0x1p-9 + 0x1p-20;
              assertThat((double) after[i]).isCloseTo(before[i], within(rounding));
            }
          }
        });
  }

  @ParameterizedTest
  @MethodSource("formats")
  void givesTheSameCodesWhenItEncodesWhatItDecoded(UniformFormat format) {
    float[] halves = SyntheticKv.keys(random, HEADS, TOKENS, DIM);
    for (int i = 0; i < halves.length; i++) {
      halves[i] = Float.float16ToFloat(Float.floatToFloat16(halves[i]));
    }
    MemorySegment once = encode(format, SHAPE, halves);
    MemorySegment twice = encode(format, SHAPE, decode(format, SHAPE, once));
    assertThat(Groups.codes(format, SHAPE, twice))
        .as("%s seed %d", format.name(), seed)
        .isEqualTo(Groups.codes(format, SHAPE, once));
  }

  @ParameterizedTest
  @MethodSource("formats")
  void givesConstantGroupsBackExactly(UniformFormat format) {
    for (float constant : new float[] {0f, 1f, -3.25f, 1000f, 0x1p-14f}) {
      float[] before = new float[SHAPE.values(TOKENS)];
      Arrays.fill(before, constant);
      float[] after = roundTrip(format, before);
      // The scale that a symmetric group has instead of a zero is rounded to binary16.
      float rounding = format.symmetric() ? Math.abs(constant) * 0x1p-10f + 0x1p-17f : 0f;
      for (float value : after) {
        assertThat(Math.abs(value - constant)).isLessThanOrEqualTo(rounding);
      }
    }
  }

  @Test
  void errsLessWithMoreBitsAndNotMoreInSmallerGroups() {
    float[] before = SyntheticKv.gaussian(random, SHAPE.values(TOKENS));
    for (Axis axis : new Axis[] {Axis.TOKEN, Axis.CHANNEL}) {
      double widest = Double.MAX_VALUE;
      for (int bits : new int[] {2, 4, 8}) {
        double[] byGroup = new double[3];
        for (int i = 0; i < 3; i++) {
          UniformFormat format = UniformFormat.of(bits, axis, 32 << i);
          byGroup[i] = relativeError(before, roundTrip(format, before));
        }
        assertThat(byGroup).as("%s seed %d", axis, seed).isSorted();
        assertThat(byGroup[2]).isLessThan(widest);
        widest = byGroup[0];
      }
    }
  }

  /** Standard normal numbers: known answers of min-max rounding, within a twentieth and noise. */
  @ParameterizedTest
  @CsvSource({
    "4, 32, 0.0061", "4, 64, 0.0081", "4, 128, 0.0100",
    "2, 32, 0.155", "2, 64, 0.203", "2, 128, 0.252"
  })
  void reachesTheKnownErrorOfGaussians(int bits, int group, double expected) {
    SectionShape large = shape(8, 256, 128);
    float[] before = SyntheticKv.gaussian(new SplittableRandom(1), large.values(256));
    for (Axis axis : new Axis[] {Axis.TOKEN, Axis.CHANNEL}) {
      UniformFormat format = UniformFormat.of(bits, axis, group);
      float[] after = decode(format, large, encode(format, large, before));
      assertThat(relativeError(before, after)).isCloseTo(expected, within(0.06 * expected));
    }
  }

  @Test
  void commutesWithAPermutationOfTokensWhereATokenDependsOnNoOther() {
    for (UniformFormat format :
        new UniformFormat[] {
          UniformFormat.of(4, Axis.TOKEN, 32), UniformFormat.of(2, Axis.VECTOR, UniformFormat.WHOLE)
        }) {
      float[] before = SyntheticKv.keys(random, HEADS, TOKENS, DIM);
      float[] after = roundTrip(format, before);
      float[] turned = roundTrip(format, reversed(before));
      assertThat(turned).as("seed %d", seed).containsExactly(reversed(after));
    }
  }

  private static float[] reversed(float[] values) {
    float[] reversed = new float[values.length];
    for (int head = 0; head < HEADS; head++) {
      for (int token = 0; token < TOKENS; token++) {
        int from = (head * TOKENS + token) * DIM;
        int to = (head * TOKENS + TOKENS - 1 - token) * DIM;
        System.arraycopy(values, from, reversed, to, DIM);
      }
    }
    return reversed;
  }

  /** A large channel ruins groups along channels and not those along tokens. */
  @Test
  void keepsLargeKeyChannelsOutOfTheOthersScale() {
    float[] keys = SyntheticKv.keys(random, HEADS, TOKENS, DIM);
    double byChannel = relativeError(keys, roundTrip(UniformFormat.of(2, Axis.CHANNEL, 32), keys));
    double byToken = relativeError(keys, roundTrip(UniformFormat.of(2, Axis.TOKEN, 32), keys));
    assertThat(byChannel).as("seed %d", seed).isLessThan(byToken / 2);
  }
}
