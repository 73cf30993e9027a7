package dev.varve.compression.vq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.varve.compression.CodecContext;
import dev.varve.compression.DecodeResult;
import dev.varve.compression.DenseAttention;
import dev.varve.compression.EncodeResult.Encoded;
import dev.varve.compression.RowAttention;
import dev.varve.compression.Section;
import dev.varve.compression.SectionFloats;
import dev.varve.compression.SectionShape;
import dev.varve.compression.SyntheticKv;
import dev.varve.store.Dtype;
import dev.varve.store.RopeSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NsnCodecTest {
  private static final int TOKENS = 128;
  private static final SectionShape SHAPE =
      new SectionShape(Section.KEYS, 2, TOKENS, 128, Dtype.F32, RopeSpec.none());

  private final long seed = System.nanoTime();
  private final SplittableRandom random = new SplittableRandom(seed);

  private static MemorySegment encode(NsnCodec codec, float[] values) {
    MemorySegment section = Arena.ofAuto().allocate(codec.maxBytes(TOKENS));
    SectionFloats floats = new SectionFloats(SHAPE, TOKENS, 0, values.clone());
    assertThat(codec.encode(floats, CodecContext.of(TOKENS), section))
        .isEqualTo(new Encoded(section.byteSize()));
    return section;
  }

  private static float[] roundTrip(NsnCodec codec, float[] values) {
    float[] decoded = new float[SHAPE.values(TOKENS)];
    assertThat(codec.decode(encode(codec, values), new SectionFloats(SHAPE, TOKENS, 0, decoded)))
        .isEqualTo(new DecodeResult.Decoded(TOKENS));
    return decoded;
  }

  /** Never above that of the best scalar code of as many bits: 0.363 and 0.1175. */
  @ParameterizedTest
  @CsvSource({"1, 0.363", "2, 0.1175"})
  void errsLessThanTheBestScalarCodeOfNormalNumbers(int bits, double scalar) {
    float[] before = SyntheticKv.gaussian(random, SHAPE.values(TOKENS));
    float[] after = roundTrip(new NsnCodec(new NsnFormat(bits), SHAPE), before);
    double error = 0;
    for (int i = 0; i < before.length; i++) {
      error += ((double) after[i] - before[i]) * ((double) after[i] - before[i]);
    }
    assertThat(error / before.length).as("seed %d", seed).isLessThan(scalar).isGreaterThan(0.05);
  }

  /** The mean takes large channels away before they can widen anything. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void errsOnKeysWithLargeChannelsAsOnThoseWithout(int bits) {
    NsnCodec codec = new NsnCodec(new NsnFormat(bits), SHAPE);
    float[] plain = SyntheticKv.gaussian(random, SHAPE.values(TOKENS));
    float[] large = plain.clone();
    for (int row = 0; row < 2 * TOKENS; row++) {
      large[row * 128 + 9] += 15;
      large[row * 128 + 70] -= 25;
    }
    assertThat(squaredError(large, roundTrip(codec, large)))
        .as("seed %d", seed)
        .isLessThan(1.35 * squaredError(plain, roundTrip(codec, plain)));
  }

  private static double squaredError(float[] before, float[] after) {
    double error = 0;
    for (int i = 0; i < before.length; i++) {
      error += ((double) after[i] - before[i]) * ((double) after[i] - before[i]);
    }
    return error;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void scalesWithItsInput(int bits) {
    NsnCodec codec = new NsnCodec(new NsnFormat(bits), SHAPE);
    float[] before = SyntheticKv.keys(random, 2, TOKENS, 128);
    float[] larger = before.clone();
    for (int i = 0; i < larger.length; i++) {
      larger[i] *= 4;
    }
    float[] after = roundTrip(codec, before);
    float[] afterLarger = roundTrip(codec, larger);
    for (int i = 0; i < after.length; i++) {
      assertThat(afterLarger[i]).as("seed %d", seed).isEqualTo(4 * after[i]);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void attendsAsOnItsDecodedRows(int bits) {
    NsnCodec codec = new NsnCodec(new NsnFormat(bits), SHAPE);
    float[] values = SyntheticKv.keys(random, 2, TOKENS, 128);
    MemorySegment section = encode(codec, values);
    float[] decoded = roundTrip(codec, values);
    DenseAttention.check(
        new RowAttention(codec), SHAPE, section, decoded, random, within(1e-4), "seed " + seed);
    assertThat(section.byteSize()).isEqualTo(2 * (256 + TOKENS * (4 + 16L * bits)));
  }

  @Test
  void findsTheNearestOfAllPoints() {
    for (Codebook book : new Codebook[] {Codebook.NORMAL, Codebook.MAGNITUDES}) {
      for (int round = 0; round < 500; round++) {
        float[] values = SyntheticKv.gaussian(random, 8);
        float[] room = new float[Codebook.POINTS];
        double chosen = distance(book, book.nearest(values, 0, room), values);
        for (int point = 0; point < 256; point++) {
          assertThat(distance(book, point, values))
              .as("seed %d", seed)
              .isGreaterThan(chosen - 1e-4);
        }
      }
    }
  }

  private static double distance(Codebook book, int point, float[] values) {
    double sum = 0;
    for (int j = 0; j < 8; j++) {
      double difference = (double) book.element(point, j) - values[j];
      sum += difference * difference;
    }
    return sum;
  }
}
