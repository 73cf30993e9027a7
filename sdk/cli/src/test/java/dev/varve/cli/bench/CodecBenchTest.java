package dev.varve.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.Bfloat16;
import dev.varve.store.kernel.DtypeLayouts;
import dev.varve.store.safetensors.SafetensorsWriter;
import dev.varve.store.safetensors.TensorSpec;
import dev.varve.store.safetensors.TensorType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CodecBenchTest {
  @TempDir Path folder;

  @Test
  void comparesBytesWithZstdAndWithTheEntropy() {
    try (SymbolBench bench = new SymbolBench("x", SymbolSets.gaussian16(), Backend.SCALAR)) {
      List<SizeFinding> sizes = bench.sizes(OptionalDouble.of(0.98));

      assertThat(sizes).extracting(SizeFinding::than).containsExactly("zstd -1", "order-0 entropy");
      assertThat(sizes).allMatch(size -> size.reached().orElseThrow());
      assertThat(sizes.getLast().ratio()).isGreaterThanOrEqualTo(1);
    }
  }

  @Test
  void readsBlocksOfACaptureAsBf16() {
    Path file = capture(2, 2, 300, 16);
    try (Arena arena = Arena.ofConfined()) {
      CapturedKv kv = CapturedKv.read(file, "keys", 128, arena);

      assertThat(kv.sections()).hasSize(4);
      CapturedKv.Section second = kv.sections().get(1);
      float expected = value(0, 1 * 300 + 128 + 5, 3);
      assertThat(second.head(1).get(DtypeLayouts.SHORT, 2 * (5 * 16 + 3)))
          .isEqualTo(Bfloat16.of(expected));
      assertThat(kv.exponents()).hasSize(4 * 2 * 128 * 16);
    }
  }

  @Test
  void comparesTheLosslessCodecWithZstdOnACapture() {
    try (Arena arena = Arena.ofConfined()) {
      CapturedKv kv = CapturedKv.read(capture(1, 2, 256, 32), "keys", 128, arena);
      try (LosslessBench bench = new LosslessBench("keys", kv, Backend.SCALAR)) {
        List<SizeFinding> wholes = bench.wholes();
        List<SizeFinding> planes = bench.planes();

        assertThat(wholes)
            .extracting(SizeFinding::than)
            .containsExactly("zstd -1", "zstd -1 of each section");
        assertThat(wholes.getFirst().plain()).isEqualTo(2 * 2 * 256 * 32);
        assertThat(wholes.getFirst().ours()).isBetween(1L, wholes.getFirst().plain());
        assertThat(planes).hasSize(4).allMatch(size -> size.plain() == 2 * 256 * 32);
        assertThat(planes).allMatch(size -> size.ours() > 0 && size.ours() < size.plain());
      }
    }
  }

  @Test
  void drawsSectionsWhoseChannelsDifferInScale() {
    try (Arena arena = Arena.ofConfined()) {
      CapturedKv kv = CapturedKv.drawn(2, 2, 128, 16, 7, arena);

      assertThat(kv.sections()).hasSize(2);
      assertThat(kv.bytes()).hasSize(2 * 2 * 2 * 128 * 16);
      assertThat(CapturedKv.drawn(2, 2, 128, 16, 7, arena).bytes()).isEqualTo(kv.bytes());
    }
  }

  @Test
  void drawsTheSizesBesideTheRates() {
    BenchReport rates = new BenchReport("What.", List.of(), List.of());
    SizeFinding size = new SizeFinding("x", "zstd -1", 1000, 490, 500, OptionalDouble.of(0.98));

    assertThat(new CodecReport(rates, List.of(size), List.of(), List.of("Why.")).render(false))
        .contains("What.", "1,000", "490", "0.9800", "<= 0.980 yes", "zstd -1", "Why.");
  }

  private Path capture(int layers, int heads, int tokens, int dim) {
    Path file = folder.resolve("kv.safetensors");
    List<TensorSpec> specs =
        IntStream.range(0, layers)
            .mapToObj(
                i -> TensorSpec.of("layers." + i + ".keys", TensorType.F32, heads, tokens, dim))
            .toList();
    try (SafetensorsWriter writer = SafetensorsWriter.create(file, Map.of(), specs)) {
      for (int layer = 0; layer < layers; layer++) {
        MemorySegment data = MemorySegment.ofArray(new byte[4 * heads * tokens * dim]);
        for (int row = 0; row < heads * tokens; row++) {
          for (int i = 0; i < dim; i++) {
            data.set(DtypeLayouts.FLOAT, 4L * (row * dim + i), value(layer, row, i));
          }
        }
        writer.append(specs.get(layer).name(), data);
      }
      writer.commit();
    }
    return file;
  }

  private static float value(int layer, int row, int i) {
    return (float) new SplittableRandom(layer * 1_000_003L + row * 1009L + i).nextGaussian();
  }
}
