package dev.varve.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.varve.cli.bench.CacheGenKv.Level;
import dev.varve.sdk.EngineTensor;
import dev.varve.store.LayerShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CodingBenchTest {
  private static final LayerShape SHAPE =
      LayerShape.grouped(2, 1, 32, RopeSpec.of(32, 10_000, RopeSpec.Pairing.HALVES));
  private static final int BLOCK = 32;

  private static CodingFinding finding(String name, double bits, double error) {
    return new CodingFinding(name, bits, error, OptionalDouble.empty(), OptionalDouble.empty());
  }

  private static float[] gaussian(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  @Test
  void findsTheBitsBetweenTwoLevels() {
    EqualError levels = new EqualError(List.of(finding("b", 2, 0.4), finding("a", 4, 0.1)));

    assertThat(levels.bitsAt(0.2)).hasValueCloseTo(3.0, within(1e-9));
    assertThat(levels.bitsAt(0.1)).hasValueCloseTo(4.0, within(1e-9));
    assertThat(levels.bitsAt(0.05)).isEmpty();
    assertThat(levels.bitsAt(0.5)).isEmpty();
  }

  @Test
  void quantizesAsCacheGenDoes() {
    Level level = new Level("test", List.of(16, 16, 16), 16, 16, 1);
    CacheGenKv coding = new CacheGenKv(level, 1, 32, BLOCK);
    float[] keys = gaussian(BLOCK * 32, 1);
    float[] before = keys.clone();
    coding.pass(0, keys, gaussian(BLOCK * 32, 2));

    for (int token = 0; token < BLOCK; token++) {
      float peak = 0;
      for (int i = token * 32; i < (token + 1) * 32; i++) {
        peak = Math.max(peak, Math.abs(before[i]));
      }
      for (int i = token * 32; i < (token + 1) * 32; i++) {
        assertThat(keys[i]).isCloseTo(before[i], within(peak / 14 * 1.01f));
      }
    }
    assertThat(coding.bitsPerValue()).isBetween(2.5, 4.5);
    assertThat(coding.tableBitsPerValue()).isEqualTo(33 * 16 / 256.0 + 32 / 256.0);
  }

  @Test
  void takesTheBinsOfTheThirdThatALayerLiesIn() {
    Level level = Level.published(32).get(1);

    assertThat(level.keys(0)).isEqualTo(32);
    assertThat(level.keys(12)).isEqualTo(16);
    assertThat(level.values(1)).isEqualTo(32);
    assertThat(level.values(2)).isEqualTo(16);
  }

  @Test
  void attendsToDecodedBlocksAndToItsOwnExactly() {
    int tokens = 2 * BLOCK;
    KvCoding forgets =
        new KvCoding() {
          @Override
          public String name() {
            return "zeros";
          }

          @Override
          public void pass(int layer, float[] keys, float[] values) {
            Arrays.fill(values, 0);
          }

          @Override
          public double bitsPerValue() {
            return 0;
          }
        };
    RecodedAttention attention = new RecodedAttention(SHAPE, 1, tokens, BLOCK, forgets);
    float[] zeros = new float[BLOCK * 32];
    float[] ones = new float[BLOCK * 32];
    Arrays.fill(ones, 1);
    float[] out = new float[BLOCK * 64];
    for (int step = 0; step < 2; step++) {
      attention.attend(
          0,
          EngineTensor.of(zeros, BLOCK, 1, 32),
          EngineTensor.of(ones, BLOCK, 1, 32),
          EngineTensor.of(gaussian(BLOCK * 64, step), BLOCK, 2, 32),
          EngineTensor.of(out, BLOCK, 2, 32));
      for (int token = 0; token < BLOCK; token++) {
        float own = token + 1;
        assertThat(out[token * 64 + 33]).isCloseTo(own / (own + step * BLOCK), within(1e-5f));
      }
    }
  }

  @Test
  void measuresAnEncodingOnBlocks() {
    EncodedKv coding = new EncodedKv("bitstream4", SHAPE, BLOCK, Backend.SCALAR);
    float[] keys = gaussian(BLOCK * 32, 3);
    float[] before = keys.clone();
    coding.pass(0, keys, gaussian(BLOCK * 32, 4));

    assertThat(keys).isNotEqualTo(before);
    assertThat(coding.bitsPerValue()).isBetween(1.0, 6.0);
  }

  @Test
  void drawsErrorAgainstBits() {
    String svg =
        CodingPlot.svg(
            List.of(
                finding("bitstream2", 3, 0.1), finding("raw", 16, 0), finding("int8", 8, 0.01)));

    assertThat(svg).startsWith("<svg").endsWith("</svg>\n").contains(">bitstream2<", ">int8<");
    assertThat(svg).doesNotContain(">raw<");
  }
}
