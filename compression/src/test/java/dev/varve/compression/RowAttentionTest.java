package dev.varve.compression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.varve.compression.quantize.UniformFormat;
import dev.varve.store.Dtype;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RowAttentionTest {
  private static final SectionShape SHAPE =
      new SectionShape(Section.KEYS, 3, 128, 128, Dtype.F32, RopeSpec.none());

  static Stream<UniformFormat> formats() {
    return UniformFormat.all().stream();
  }

  @ParameterizedTest
  @MethodSource("formats")
  void equalsAttentionOnTheDecodedSection(UniformFormat format) {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    EncodedRows codec = format.codec(SHAPE, Backend.SCALAR);
    MemorySegment section = Arena.ofAuto().allocate(codec.maxBytes(128));
    float[] keys = SyntheticKv.keys(random, 3, 128, 128);
    codec.encode(new SectionFloats(SHAPE, 128, 0, keys), CodecContext.of(128), section);
    float[] decoded = new float[keys.length];
    codec.decode(section, new SectionFloats(SHAPE, 128, 0, decoded));
    DenseAttention.check(
        new RowAttention(codec), SHAPE, section, decoded, random, within(1e-3), "seed " + seed);
    assertThat(decoded).hasSize(keys.length);
  }
}
