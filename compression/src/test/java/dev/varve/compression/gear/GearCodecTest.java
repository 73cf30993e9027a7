package dev.varve.compression.gear;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.varve.compression.CodecContext;
import dev.varve.compression.DecodeResult;
import dev.varve.compression.DenseAttention;
import dev.varve.compression.EncodeResult.Encoded;
import dev.varve.compression.FloatCodec;
import dev.varve.compression.Section;
import dev.varve.compression.SectionFloats;
import dev.varve.compression.SectionShape;
import dev.varve.compression.SyntheticKv;
import dev.varve.store.Dtype;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeLayouts;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class GearCodecTest {
  private static final int HEADS = 2;
  private static final int TOKENS = 256;
  private static final int DIM = 64;

  private final long seed = System.nanoTime();
  private final SplittableRandom random = new SplittableRandom(seed);

  static Stream<GearFormat> formats() {
    return GearFormat.all().stream();
  }

  private static SectionShape shape(Section section) {
    return new SectionShape(section, HEADS, TOKENS, DIM, Dtype.F32, RopeSpec.none());
  }

  /** Two directions of different strength, noise, and one number in fifty far out. */
  private float[] heavyTailed(SectionShape shape) {
    float[] values = SyntheticKv.keys(random, HEADS, TOKENS, DIM);
    for (int i = 0; i < values.length; i++) {
      values[i] *= random.nextInt(50) == 0 ? 6 : 1;
    }
    assertThat(values).hasSize(shape.values(TOKENS));
    return values;
  }

  private static MemorySegment encode(FloatCodec codec, SectionShape shape, float[] values) {
    MemorySegment target = Arena.ofAuto().allocate(codec.maxBytes(TOKENS));
    SectionFloats floats = new SectionFloats(shape, TOKENS, 0, values.clone());
    assertThat(codec.encode(floats, CodecContext.of(TOKENS), target))
        .isEqualTo(new Encoded(target.byteSize()));
    return target;
  }

  private static float[] decode(FloatCodec codec, SectionShape shape, MemorySegment source) {
    float[] values = new float[shape.values(TOKENS)];
    assertThat(codec.decode(source, new SectionFloats(shape, TOKENS, 0, values)))
        .isEqualTo(new DecodeResult.Decoded(TOKENS));
    return values;
  }

  private static double headError(float[] before, float[] after, int head) {
    double sum = 0;
    for (int i = head * TOKENS * DIM; i < (head + 1) * TOKENS * DIM; i++) {
      sum += ((double) after[i] - before[i]) * ((double) after[i] - before[i]);
    }
    return sum;
  }

  @ParameterizedTest
  @EnumSource(Section.class)
  void errsLessThanItsBackboneInEveryHeadAndLessAtHigherRank(Section section) {
    SectionShape shape = shape(section);
    float[] before = heavyTailed(shape);
    for (Backbone backbone : Backbone.values()) {
      FloatCodec plain = backbone.format(section, 2).codec(shape, Backend.SCALAR);
      float[] last = decode(plain, shape, encode(plain, shape, before));
      for (int rank : new int[] {2, 4, 8}) {
        GearCodec codec = new GearFormat(backbone, 2, rank, false).codec(shape, Backend.SCALAR);
        float[] now = decode(codec, shape, encode(codec, shape, before));
        for (int head = 0; head < HEADS; head++) {
          assertThat(headError(before, now, head))
              .as("%s rank %d seed %d", backbone, rank, seed)
              .isLessThan(headError(before, last, head));
        }
        last = now;
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Section.class)
  void beginsWithTheBytesOfItsBackboneWhereNothingIsTakenOut(Section section) {
    SectionShape shape = shape(section);
    float[] before = heavyTailed(shape);
    for (Backbone backbone : Backbone.values()) {
      MemorySegment plain =
          encode(backbone.format(section, 4).codec(shape, Backend.SCALAR), shape, before);
      GearCodec codec = new GearFormat(backbone, 4, 2, false).codec(shape, Backend.SCALAR);
      MemorySegment gear = encode(codec, shape, before);
      assertThat(gear.asSlice(0, plain.byteSize()).mismatch(plain)).isEqualTo(-1);
    }
  }

  @ParameterizedTest
  @EnumSource(Section.class)
  void keepsTheExtremesOfEveryVectorExactly(Section section) {
    SectionShape shape = shape(section);
    float[] before = heavyTailed(shape);
    for (Backbone backbone : Backbone.values()) {
      GearCodec codec = new GearFormat(backbone, 2, 4, true).codec(shape, Backend.SCALAR);
      float[] after = decode(codec, shape, encode(codec, shape, before));
      int length = vectorLength(section);
      for (int v = 0; v < before.length / length; v++) {
        int[] places = places(section, v, length);
        Integer[] order = Arrays.stream(places).boxed().toArray(Integer[]::new);
        Arrays.sort(order, (a, b) -> Float.compare(before[a], before[b]));
        for (int k = 0; k < length / 100; k++) {
          int low = order[k];
          int high = order[length - 1 - k];
          assertThat(after[low]).as("seed %d", seed).isEqualTo(before[low]);
          assertThat(after[high]).as("seed %d", seed).isEqualTo(before[high]);
        }
      }
    }
  }

  /** Where nothing but single numbers stands out: structure is what the low rank is for. */
  @ParameterizedTest
  @EnumSource(Section.class)
  void errsLessForKeepingTheExtremes(Section section) {
    SectionShape shape = shape(section);
    float[] before = spiked(section);
    for (Backbone backbone : Backbone.values()) {
      GearCodec with = new GearFormat(backbone, 2, 4, true).codec(shape, Backend.SCALAR);
      GearCodec without = new GearFormat(backbone, 2, 4, false).codec(shape, Backend.SCALAR);
      float[] after = decode(with, shape, encode(with, shape, before));
      float[] plain = decode(without, shape, encode(without, shape, before));
      double gear = headError(before, after, 0) + headError(before, after, 1);
      double gearL = headError(before, plain, 0) + headError(before, plain, 1);
      assertThat(gear).as("%s seed %d", backbone, seed).isLessThan(gearL);
    }
  }

  /** Gaussian noise, and in every vector as many spikes up and down as are kept exactly. */
  private float[] spiked(Section section) {
    float[] values = new float[HEADS * TOKENS * DIM];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    int length = vectorLength(section);
    for (int v = 0; v < values.length / length; v++) {
      int[] places = places(section, v, length);
      for (int k = 0; k < length / 100; k++) {
        values[places[random.nextInt(length / 2)]] = 30 + k;
        values[places[random.nextInt(length / 2, length)]] = -30 - k;
      }
    }
    return values;
  }

  private static int vectorLength(Section section) {
    return section == Section.KEYS ? TOKENS : HEADS * DIM;
  }

  private static int[] places(Section section, int vector, int length) {
    int[] places = new int[length];
    for (int i = 0; i < length; i++) {
      int channel = section == Section.KEYS ? vector : i;
      int token = section == Section.KEYS ? i : vector;
      places[i] = (channel / DIM * TOKENS + token) * DIM + channel % DIM;
    }
    return places;
  }

  @ParameterizedTest
  @MethodSource("formats")
  void attendsAsOnItsDecodedRows(GearFormat format) {
    for (Section section : Section.values()) {
      SectionShape shape = shape(section);
      GearCodec codec = format.codec(shape, Backend.SCALAR);
      MemorySegment encoded = encode(codec, shape, heavyTailed(shape));
      float[] decoded = decode(codec, shape, encoded);
      DenseAttention.check(
          codec, shape, encoded, decoded, random, within(1e-3), format.name() + " seed " + seed);
      assertThat(encoded.byteSize()).isEqualTo(codec.maxBytes(TOKENS));
    }
  }

  /** Keys of one head alone give the same as among others. */
  @Test
  void correctsEachHeadFromItselfAlone() {
    SectionShape both = shape(Section.KEYS);
    SectionShape one = new SectionShape(Section.KEYS, 1, TOKENS, DIM, Dtype.F32, RopeSpec.none());
    GearFormat format = new GearFormat(Backbone.KIVI, 2, 4, true);
    float[] before = heavyTailed(both);
    GearCodec codec = format.codec(both, Backend.SCALAR);
    float[] after = decode(codec, both, encode(codec, both, before));
    for (int head = 0; head < HEADS; head++) {
      int from = head * TOKENS * DIM;
      float[] alone = Arrays.copyOfRange(before, from, from + TOKENS * DIM);
      GearCodec single = format.codec(one, Backend.SCALAR);
      assertThat(decode(single, one, encode(single, one, alone)))
          .as("seed %d", seed)
          .containsExactly(Arrays.copyOfRange(after, from, from + TOKENS * DIM));
    }
  }

  @Test
  void refusesAnOutlierOutsideOfItsVector() {
    SectionShape shape = shape(Section.KEYS);
    GearCodec codec = new GearFormat(Backbone.KCVT, 4, 2, true).codec(shape, Backend.SCALAR);
    MemorySegment encoded = encode(codec, shape, heavyTailed(shape));
    long first = encoded.byteSize() - (long) HEADS * DIM * 2 * (TOKENS / 100) * 6;
    encoded.set(DtypeLayouts.SHORT, first, (short) TOKENS);
    float[] values = new float[shape.values(TOKENS)];
    DecodeResult result = codec.decode(encoded, new SectionFloats(shape, TOKENS, 0, values));
    assertThat(result).isInstanceOf(DecodeResult.Refused.class);
    assertThat(((DecodeResult.Refused) result).reason()).contains("outside");
  }

  @Test
  void streamsSegmentsThatNeverChangeAndAttendsOverAllTokens() {
    SectionShape segment =
        new SectionShape(Section.KEYS, HEADS, 64, DIM, Dtype.F32, RopeSpec.none());
    GearFormat format = new GearFormat(Backbone.KIVI, 4, 2, true);
    GearStream stream =
        new GearStream(format.codec(segment, Backend.SCALAR), segment, Arena.ofAuto());
    float[] keys = SyntheticKv.keys(random, HEADS, TOKENS, DIM);
    float[] query = SyntheticKv.gaussian(random, DIM);
    float[] written = new float[TOKENS];
    for (int token = 0; token < TOKENS; token++) {
      float[] rows = new float[HEADS * DIM];
      for (int head = 0; head < HEADS; head++) {
        System.arraycopy(keys, (head * TOKENS + token) * DIM, rows, head * DIM, DIM);
      }
      stream.append(rows);
      assertThat(stream.tokens()).isEqualTo(token + 1);
      assertThat(stream.waitingTokens()).isEqualTo((token + 1) % 64);
      float[] scores = new float[TOKENS];
      stream.scores(1, query, scores);
      int sealed = (token + 1) / 64 * 64;
      int old = token / 64 * 64;
      assertThat(Arrays.copyOf(scores, old))
          .as("seed %d after %d tokens", seed, token + 1)
          .containsExactly(Arrays.copyOf(written, old));
      written = scores;
      float[] weights = new float[TOKENS];
      weights[token] = 1;
      float[] out = new float[DIM];
      stream.weightedSum(1, weights, out);
      double dot = 0;
      for (int j = 0; j < DIM; j++) {
        dot += (double) out[j] * query[j];
      }
      assertThat(dot).isCloseTo(scores[token], within(1e-2));
      if (token >= sealed) {
        assertThat(out).containsExactly(Arrays.copyOfRange(rows, DIM, 2 * DIM));
      }
    }
    assertThat(stream.segmentBytes())
        .isEqualTo(4 * format.codec(segment, Backend.SCALAR).maxBytes(64));
  }
}
