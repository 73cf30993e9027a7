package dev.varve.compression.error;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.compression.BlockCodec;
import dev.varve.compression.CodecContext;
import dev.varve.compression.Codecs;
import dev.varve.compression.DecodeResult;
import dev.varve.compression.EncodeResult.Encoded;
import dev.varve.compression.Encodings;
import dev.varve.compression.Section;
import dev.varve.compression.SyntheticKv;
import dev.varve.compression.error.AttentionErrorMeter.Cache;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeKernel;
import dev.varve.store.safetensors.SafetensorsFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Codecs on the keys and values of a real model, as its own queries see them. */
class RealKvTest {
  private static final int[] LAYERS = {0, 2, 5};
  private static final int TOKENS = 128;
  private static final int QUERIES = 32;
  private static final RopeSpec ROPE = RopeSpec.of(64, 100_000, RopeSpec.Pairing.HALVES);
  private static final LayerShape SHAPE = LayerShape.grouped(4, 2, 64, ROPE);
  private static final BlockGeometry GEOMETRY = BlockGeometry.of(SHAPE, Dtype.F16, TOKENS);

  private final Map<String, double[]> errors = new TreeMap<>();

  /** Mean over the layers: bits per value, error of keys, values, logits, output. */
  private double[] of(String name) {
    return errors.computeIfAbsent(name, RealKvTest::measured);
  }

  private static double[] measured(String name) {
    double[] sums = new double[5];
    try (Arena arena = Arena.ofConfined()) {
      SafetensorsFile file = SafetensorsFile.open(fixture(), arena);
      BlockCodec codec = Codecs.open(Encodings.parse(name), GEOMETRY, ROPE, Backend.SCALAR);
      for (int layer : LAYERS) {
        MemorySegment block = arena.allocate(GEOMETRY.bytes());
        copy(file, layer, "keys", block, 0);
        copy(file, layer, "values", block, GEOMETRY.valuesOffset());
        MemorySegment target = arena.allocate(codec.maxBytes(TOKENS));
        Encoded encoded = (Encoded) codec.encode(block, CodecContext.of(TOKENS), target);
        MemorySegment decoded = arena.allocate(GEOMETRY.bytes());
        assertThat(codec.decode(target.asSlice(0, encoded.bytes()), decoded))
            .isEqualTo(new DecodeResult.Decoded(TOKENS));
        AttentionError error =
            new AttentionErrorMeter(SHAPE)
                .measure(cache(block), cache(decoded), TOKENS, queries(file, layer));
        sums[0] += 8.0 * encoded.bytes() / (2.0 * 2 * TOKENS * 64) / LAYERS.length;
        sums[1] += error.keys() / LAYERS.length;
        sums[2] += error.values() / LAYERS.length;
        sums[3] += error.logits() / LAYERS.length;
        sums[4] += error.output() / LAYERS.length;
      }
    }
    return sums;
  }

  private static Path fixture() {
    try {
      return Path.of(
          Objects.requireNonNull(RealKvTest.class.getResource("byte-llama-kv.safetensors"))
              .toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void copy(
      SafetensorsFile file, int layer, String what, MemorySegment block, long offset) {
    MemorySegment data = tensor(file, layer, what);
    block.asSlice(offset, data.byteSize()).copyFrom(data);
  }

  private static MemorySegment tensor(SafetensorsFile file, int layer, String what) {
    return Objects.requireNonNull(file.tensors().get("layers." + layer + "." + what)).data();
  }

  private static Cache cache(MemorySegment block) {
    return new Cache(
        SyntheticKv.floats(GEOMETRY, Section.KEYS, block),
        SyntheticKv.floats(GEOMETRY, Section.VALUES, block));
  }

  private static Queries queries(SafetensorsFile file, int layer) {
    float[] values = new float[4 * QUERIES * 64];
    DtypeKernel.of(Backend.SCALAR, Dtype.F16)
        .load(tensor(file, layer, "queries"), 0, values, 0, values.length);
    return new Queries(SHAPE, QUERIES, TOKENS - QUERIES, values);
  }

  @Test
  void keepsAttentionBetterWithEveryStepOfBits() {
    assertThat(of("raw")[4]).isZero();
    assertThat(of("int8")[4]).isLessThan(0.01);
    assertThat(of("fp8")[4]).isLessThan(of("kivi4")[4]).isGreaterThan(of("int8")[4]);
    assertThat(of("kivi4")[4]).isLessThan(of("kivi2")[4] / 3);
  }

  /** The same bits spent along the right axis: keys by channel. */
  @Test
  void seesKeysBetterInGroupsOfTokens() {
    assertThat(of("kivi4")[3]).isLessThan(of("int4")[3]);
    assertThat(of("kivi2")[3]).isLessThan(of("int2")[3]);
  }

  @Test
  void errsLessWithACorrectionThanWithItsBackboneAlone() {
    double[] backbone = of("int2.channel64/int2.token64");
    double[] low = of("gearl2.kivi.rank2/gearl2.kivi.rank2");
    double[] high = of("gearl2.kivi.rank8/gearl2.kivi.rank8");
    double[] full = of("gear2.kivi.rank8/gear2.kivi.rank8");
    for (int measure = 1; measure <= 3; measure++) {
      assertThat(low[measure]).isLessThan(backbone[measure]);
      assertThat(high[measure]).isLessThan(low[measure]);
      assertThat(full[measure]).isLessThan(high[measure]);
    }
    assertThat(full[4]).isLessThan(backbone[4]);
  }

  @Test
  void writesValuesInFewerBitsWhenTheyAreRotated() {
    double[] plain = of("raw/int4.token64");
    double[] rotated = of("raw/rotated4");
    assertThat(rotated[0]).isLessThan(plain[0]);
    assertThat(rotated[2]).isLessThan(plain[2]);
  }
}
