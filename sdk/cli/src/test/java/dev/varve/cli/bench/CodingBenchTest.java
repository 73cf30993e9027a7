package dev.varve.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.varve.cli.bench.CacheGenKv.Level;
import dev.varve.compression.calibrated.LayerTables;
import dev.varve.compression.predicted.PredictorTraining;
import dev.varve.sdk.EngineTensor;
import dev.varve.store.LayerShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import java.util.ArrayList;
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
    OptionalDouble none = OptionalDouble.empty();
    return new CodingFinding(name, bits, 0, error, none, none, none);
  }

  private static CodingFinding finding(
      String name,
      double bits,
      double tables,
      double error,
      double loss,
      OptionalDouble encoded,
      OptionalDouble decoded) {
    return new CodingFinding(name, bits, tables, error, OptionalDouble.of(loss), encoded, decoded);
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
    EncodedKv coding = new EncodedKv("bitstream4", SHAPE, BLOCK, List.of(), Backend.SCALAR);
    float[] keys = gaussian(BLOCK * 32, 3);
    float[] before = keys.clone();
    coding.pass(0, keys, gaussian(BLOCK * 32, 4));

    assertThat(keys).isNotEqualTo(before);
    double bits = coding.bitsPerValue();
    assertThat(bits).isBetween(1.0, 6.0);
    assertThat(coding.encodeRate()).isPositive();
    assertThat(coding.decodeRate()).isPositive();
    assertThat(coding.bitsPerValue()).as("measuring rates writes nothing").isEqualTo(bits);
  }

  @Test
  void showsBothRatesInATable() {
    CodingFinding coding =
        finding("aquakv2", 2.4, 0.75, 0.08, 1.1, OptionalDouble.of(3e7), OptionalDouble.of(2e8));
    CodecReport report =
        new CodecReport(
            new BenchReport("rates", List.of(), List.of()), List.of(), List.of(coding), List.of());
    assertThat(report.render(false))
        .contains("encoded, GB/s", "decoded, GB/s")
        .containsPattern("aquakv2 .* 0\\.03 .* 0\\.20");
  }

  /** The second layer holds what the first holds: nothing is left but rounding. */
  @Test
  void predictsALayerFromWhatWasReadOfTheOneBefore() {
    float[] keys = gaussian(BLOCK * 32, 5);
    float[] values = gaussian(BLOCK * 32, 6);
    PredictorTraining training = new PredictorTraining(BLOCK);
    List<LayerTables> tables = new ArrayList<>();
    LayerShape plain = LayerShape.grouped(2, 1, 32, RopeSpec.none());
    for (int layer = 0; layer < 2; layer++) {
      tables.add(LayerTables.of(training.next(plain, keys.clone(), values.clone())));
    }
    EncodedKv alone = new EncodedKv("grid2", plain, BLOCK, List.of(), Backend.VECTOR);
    EncodedKv coding = new EncodedKv("aquakv2", plain, BLOCK, tables, Backend.VECTOR);
    double without = squares(alone, 0, keys, values);
    assertThat(squares(coding, 0, keys, values)).isLessThan(without);
    assertThat(squares(coding, 1, keys, values)).isLessThan(without / 3);
    assertThat(coding.bitsPerValue()).isBetween(2.0, 6.0);
    assertThat(coding.tableBitsPerValue())
        .isEqualTo(8 * (2 * 8 + 2.0 * (33 * 32 + 65 * 32)) / (4 * BLOCK * 32));
    assertThat(alone.tableBitsPerValue()).isZero();
  }

  private static double squares(EncodedKv coding, int layer, float[] keys, float[] values) {
    float[] after = keys.clone();
    coding.pass(layer, after, values.clone());
    double sum = 0;
    for (int i = 0; i < keys.length; i++) {
      sum += (after[i] - keys[i]) * (after[i] - keys[i]);
    }
    return sum;
  }

  @Test
  void keepsABlockExactlyThatAnEncodingRefuses() {
    EncodedKv coding = new EncodedKv("int4", SHAPE, BLOCK, List.of(), Backend.SCALAR);
    float[] keys = gaussian(BLOCK * 32, 7);
    keys[3] = Float.POSITIVE_INFINITY;
    coding.pass(0, keys, gaussian(BLOCK * 32, 8));
    assertThat(keys[3]).isInfinite();
    assertThat(coding.bitsPerValue()).isGreaterThan(10);
  }

  @Test
  void writesAPageOfWhatItFound() {
    CodingFinding exact =
        finding("raw", 16, 0, 0, 1.1, OptionalDouble.of(18e9), OptionalDouble.of(12e9));
    CodingFinding small =
        finding("aquakv2", 2.4, 0.75, 0.08, 1.102, OptionalDouble.of(3e7), OptionalDouble.of(2e8));
    CodingFinding other =
        finding(
            "CacheGen level 1", 2.7, 2, 0.3, 1.13, OptionalDouble.empty(), OptionalDouble.empty());
    SizeFinding size =
        new SizeFinding(
            "bitstream at the error", "tables free", 100, 70, 100, OptionalDouble.of(0.85));
    List<CodingFinding> all = List.of(exact, small, other);
    String page =
        CodingPage.markdown("varve x", "On y.", all, List.of(size), List.of("a.svg", "b.svg"));

    assertThat(page)
        .contains("varve x", "On y.", "(a.svg)", "(b.svg)")
        .contains("| `aquakv2` | 2.40 | 0.75 | 0.0800 | 1.1020 | 0.03 | 0.20 |")
        .contains("| CacheGen level 1 | 2.70 | 2.00 | 0.3000 | 1.1300 |  |  |")
        .contains("| bitstream at the error | tables free | 0.700 | 0.85 |");
    assertThat(CodingPlot.loss(all)).contains(">aquakv2<", "Nats a token").doesNotContain(">raw<");
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
