package dev.varve.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.Tenant;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EngineAttendsTest {

  private static final int[] TEXT = SyntheticEngine.tokens(5, 100);

  private final SyntheticEngine engine = new SyntheticEngine(Shapes.MIXED);

  @TempDir Path folder;

  @Test
  void givesBackWhatWasStoredInAnotherProcessLife() {
    try (KvCache cache = KvCache.open(config())) {
      assertThat(cache.store(Tenant.NONE, TEXT, tensors())).isEqualTo(96);
      assertThat(cache.store(Tenant.NONE, TEXT, tensors())).as("again").isEqualTo(96);
      assertThat(cache.stats().chunks()).isEqualTo(3);
      assertThat(cache.store(Tenant.NONE, Arrays.copyOf(TEXT, 31), tensors())).isZero();
    }
    try (KvCache cache = KvCache.open(config());
        PrefixMatch match = cache.match(TEXT)) {
      assertThat(match.tokens()).isEqualTo(96);
      for (int layer = 0; layer < Shapes.MIXED.layerCount(); layer++) {
        checkRange(match, layer, 0, 96);
        checkRange(match, layer, 40, 41);
        checkRange(match, layer, 20, 90);
      }
      assertThatThrownBy(() -> checkRange(match, 0, 0, 97))
          .hasMessageContaining("between 0 and 96: 97");
    }
  }

  @Test
  void writesIntoStridedMemoryOfAnotherType() {
    LayerShape shape = Shapes.MIXED.layers().getFirst();
    try (KvCache cache = KvCache.open(config());
        Arena arena = Arena.ofConfined()) {
      cache.store(Tenant.NONE, TEXT, tensors());
      long headStride = 256;
      long tokenStride = 64;
      MemorySegment memory = arena.allocate(shape.kvHeads() * headStride * 8);
      EngineTensor keys =
          new EngineTensor(memory, 8, Dtype.BF16, 3, 2, 16, tokenStride, headStride);
      EngineTensor values = EngineTensor.of(new float[3 * 2 * 16], 3, 2, 16);
      try (PrefixMatch match = cache.match(TEXT)) {
        assertThat(match.load(0, 62, 65, new LayerTensors(keys, values)))
            .isEqualTo(new LoadResult.Complete(3));
      }
      short bits =
          memory.get(ValueLayout.JAVA_SHORT_UNALIGNED, 8 + 2 * tokenStride + headStride + 2 * 5);
      float expected = SyntheticEngine.element(1, 0, TEXT[64], 64, 1, 5, 2);
      assertThat(Float.intBitsToFloat(bits << 16))
          .isCloseTo(expected, org.assertj.core.data.Percentage.withPercentage(0.5));
    }
  }

  private void checkRange(PrefixMatch match, int layer, int from, int to) {
    int owner = Shapes.MIXED.ownerOf(layer);
    LayerShape shape = Shapes.MIXED.layers().get(owner);
    int rows = to - from;
    EngineTensor keys =
        EngineTensor.of(
            new float[rows * shape.kvHeads() * shape.keyDim()],
            rows,
            shape.kvHeads(),
            shape.keyDim());
    EngineTensor values =
        EngineTensor.of(
            new float[rows * shape.kvHeads() * shape.valueDim()],
            rows,
            shape.kvHeads(),
            shape.valueDim());
    LoadResult result = match.load(layer, from, to, new LayerTensors(keys, values));
    assertThat(result).isEqualTo(new LoadResult.Complete(rows));
    EngineTensor expected = engine.keys(owner, Arrays.copyOfRange(TEXT, from, to), from);
    assertThat(floats(keys)).isEqualTo(floats(expected));
    if (!shape.valueIsPrefixOfKey()) {
      EngineTensor expectedValues = engine.values(owner, Arrays.copyOfRange(TEXT, from, to), from);
      assertThat(floats(values)).isEqualTo(floats(expectedValues));
    }
  }

  private List<LayerTensors> tensors() {
    List<LayerTensors> tensors = new ArrayList<>();
    for (int layer = 0; layer < Shapes.MIXED.layerCount(); layer++) {
      tensors.add(new LayerTensors(engine.keys(layer, TEXT, 0), engine.values(layer, TEXT, 0)));
    }
    return tensors;
  }

  private CacheConfig config() {
    return CacheConfig.of(Shapes.MIXED, "model")
        .blockTokens(32)
        .hot(8 * 8192)
        .ssd(folder, 64 << 20)
        .build();
  }

  private static float[] floats(EngineTensor tensor) {
    return tensor.memory().toArray(ValueLayout.JAVA_FLOAT);
  }
}
