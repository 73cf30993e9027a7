package dev.varve.compression.calibrated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.varve.compression.CodecContext;
import dev.varve.compression.Codecs;
import dev.varve.compression.DecodeResult;
import dev.varve.compression.DenseAttention;
import dev.varve.compression.EncodeResult.Encoded;
import dev.varve.compression.Encodings;
import dev.varve.compression.RowAttention;
import dev.varve.compression.Section;
import dev.varve.compression.SectionFloats;
import dev.varve.compression.SectionShape;
import dev.varve.compression.SyntheticKv;
import dev.varve.compression.quantize.Axis;
import dev.varve.compression.quantize.UniformFormat;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Dtype;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SmoothCodecTest {
  private static final int TOKENS = 128;
  private static final int DIM = 64;
  private static final SmoothFormat FORMAT = new SmoothFormat(UniformFormat.WHOLE);

  private final long seed = System.nanoTime();
  private final SplittableRandom random = new SplittableRandom(seed);

  private static SectionShape shape(RopeSpec rope) {
    return new SectionShape(Section.KEYS, 2, TOKENS, DIM, Dtype.F32, rope);
  }

  private static RopeSpec rope(RopeSpec.Pairing pairing) {
    return RopeSpec.of(DIM, 10_000, pairing);
  }

  /** Factors of these keys. */
  private static LayerTables tables(float[] keys, RopeSpec rope) {
    float[] peaks = new float[2 * DIM];
    for (int i = 0; i < keys.length; i++) {
      int channel = i / (TOKENS * DIM) * DIM + i % DIM;
      peaks[channel] = Math.max(peaks[channel], Math.abs(keys[i]));
    }
    float[] factors = SmoothFactors.calibrate(peaks, KeyPairs.of(rope, DIM), 0.5);
    return LayerTables.of(Map.of(TableKind.KEY_FACTORS, factors));
  }

  private static MemorySegment encode(dev.varve.compression.FloatCodec codec, float[] keys) {
    MemorySegment section = Arena.ofAuto().allocate(codec.maxBytes(TOKENS));
    SectionFloats floats = new SectionFloats(shape(RopeSpec.none()), TOKENS, 0, keys.clone());
    assertThat(codec.encode(floats, CodecContext.of(TOKENS), section))
        .isEqualTo(new Encoded(section.byteSize()));
    return section;
  }

  private static float[] roundTrip(dev.varve.compression.FloatCodec codec, float[] keys) {
    float[] decoded = new float[keys.length];
    SectionFloats floats = new SectionFloats(shape(RopeSpec.none()), TOKENS, 0, decoded);
    assertThat(codec.decode(encode(codec, keys), floats))
        .isEqualTo(new DecodeResult.Decoded(TOKENS));
    return decoded;
  }

  private static double squaredError(float[] before, float[] after) {
    double error = 0;
    for (int i = 0; i < before.length; i++) {
      error += ((double) after[i] - before[i]) * ((double) after[i] - before[i]);
    }
    return error;
  }

  @Test
  void errsLessOnKeysWithLargeChannelsThanPlainGroups() {
    float[] keys = SyntheticKv.keys(random, 2, TOKENS, DIM);
    RopeSpec rope = rope(RopeSpec.Pairing.HALVES);
    SectionShape shape = shape(rope);
    var plain = UniformFormat.of(4, Axis.TOKEN, UniformFormat.WHOLE).codec(shape, Backend.SCALAR);
    SmoothCodec smooth = FORMAT.codec(shape, tables(keys, rope), Backend.SCALAR);
    assertThat(squaredError(keys, roundTrip(smooth, keys)))
        .as("seed %d", seed)
        .isLessThan(0.7 * squaredError(keys, roundTrip(plain, keys)));
  }

  /** Scores can be had from divided keys and multiplied queries, at any position. */
  @ParameterizedTest
  @EnumSource(RopeSpec.Pairing.class)
  void dividesBeforeOrAfterTheTurnAlike(RopeSpec.Pairing pairing) {
    RopeSpec rope = rope(pairing);
    float[] keys = SyntheticKv.keys(random, 2, TOKENS, DIM);
    float[] factors = tables(keys, rope).need(TableKind.KEY_FACTORS, 2 * DIM, FORMAT.name());
    KeyTurn turn = new KeyTurn(shape(rope));
    turn.prepare(70_000);
    for (int token = 0; token < TOKENS; token++) {
      float[] turned = Arrays.copyOfRange(keys, token * DIM, (token + 1) * DIM);
      float[] divided = turned.clone();
      turn.forth(turned, 0, token);
      for (int j = 0; j < DIM; j++) {
        turned[j] /= factors[j];
        divided[j] /= factors[j];
      }
      turn.forth(divided, 0, token);
      for (int j = 0; j < DIM; j++) {
        assertThat(divided[j]).as("seed %d", seed).isCloseTo(turned[j], within(1e-4f));
      }
    }
  }

  @Test
  void refusesFactorsThatDifferWithinAPair() {
    float[] factors = new float[2 * DIM];
    Arrays.fill(factors, 2);
    factors[5] = 3;
    LayerTables tables = LayerTables.of(Map.of(TableKind.KEY_FACTORS, factors));
    assertThatThrownBy(
            () -> FORMAT.codec(shape(rope(RopeSpec.Pairing.HALVES)), tables, Backend.SCALAR))
        .hasMessageContaining("channels 5 and 37 together")
        .hasMessageContaining("another RoPE");
    assertThatThrownBy(
            () -> FORMAT.codec(shape(rope(RopeSpec.Pairing.INTERLEAVED)), tables, Backend.SCALAR))
        .hasMessageContaining("channels 4 and 5 together");
    assertThat(FORMAT.codec(shape(RopeSpec.none()), tables, Backend.SCALAR)).isNotNull();
  }

  @Test
  void refusesTablesThatAreMissingOrDoNotFit() {
    BlockGeometry geometry = new BlockGeometry(TOKENS, 2, DIM, DIM, Dtype.F16, false);
    RopeSpec rope = RopeSpec.none();
    assertThatThrownBy(() -> Codecs.open(Encodings.parse("kv4"), geometry, rope, Backend.SCALAR))
        .hasMessageContaining("key_factors")
        .hasMessageContaining("varve calibrate codec");
    LayerTables small = LayerTables.of(Map.of(TableKind.KEY_FACTORS, new float[DIM]));
    assertThatThrownBy(
            () -> Codecs.open(Encodings.parse("kv4"), geometry, rope, small, Backend.SCALAR))
        .hasMessageContaining("64 numbers, this layer needs 128");
    LayerTables zero = LayerTables.of(Map.of(TableKind.KEY_FACTORS, new float[2 * DIM]));
    assertThatThrownBy(
            () -> Codecs.open(Encodings.parse("kv4"), geometry, rope, zero, Backend.SCALAR))
        .hasMessageContaining("the factor of channel 0 is 0.0");
  }

  @Test
  void attendsAsOnItsDecodedRows() {
    float[] keys = SyntheticKv.keys(random, 2, TOKENS, DIM);
    SectionShape shape = shape(RopeSpec.none());
    for (SmoothFormat format : SmoothFormat.all()) {
      if (format.group() > DIM) {
        continue;
      }
      SmoothCodec codec = format.codec(shape, tables(keys, shape.rope()), Backend.SCALAR);
      DenseAttention.check(
          new RowAttention(codec),
          shape,
          encode(codec, keys),
          roundTrip(codec, keys),
          random,
          within(1e-4),
          "seed " + seed);
    }
  }
}
