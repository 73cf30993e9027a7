package dev.varve.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.sdk.wire.BlockTensors;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.Tenant;
import dev.varve.store.Tier;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StoredPrefixTest {

  private static final int SPAN = 32;
  private static final ModelShape SHAPE =
      ModelShape.uniform(3, LayerShape.grouped(2, 2, 8, RopeSpec.none()), Dtype.BF16);
  private static final BlockGeometry BLOCK =
      BlockGeometry.of(SHAPE.layers().getFirst(), SHAPE.dtype(), SPAN);
  private static final int[] IDS = SyntheticEngine.tokens(3, 4 * SPAN + 5);

  @Test
  void blocksWrittenOneByOneAreFoundAndHeldWithEveryBit() {
    try (KvCache cache = open();
        Arena arena = Arena.ofConfined()) {
      List<List<MemorySegment>> blocks = blocks(arena, 4);
      write(cache, Arrays.copyOf(IDS, 2 * SPAN), blocks.subList(0, 2));
      try (PrefixWriter writer = cache.write(Tenant.NONE, IDS)) {
        assertThat(writer.tokens()).isEqualTo(2 * SPAN);
        assertThat(writer.end()).isEqualTo(4 * SPAN);
        writer.write(tensors(blocks.get(2)));
        assertThatThrownBy(() -> writer.write(List.of())).hasMessageContaining("3 layers");
        writer.write(tensors(blocks.get(3)));
        assertThat(writer.finish()).isEqualTo(4 * SPAN);
        assertThatThrownBy(() -> writer.write(tensors(blocks.get(3))))
            .hasMessageContaining("all 128 tokens");
      }
      StoredPrefix found = cache.find(Tenant.NONE, IDS);
      assertThat(found.tokens()).isEqualTo(4 * SPAN);
      assertThat(found.bytes()).isEqualTo(4 * 3 * BLOCK.bytes());
      assertThat(found.shares().get(Tier.HOT))
          .isEqualTo(new StoredPrefix.Share(12, 12 * BLOCK.bytes()));
      try (PrefixMatch held = cache.hold(Tenant.NONE, IDS)) {
        assertThat(held.tokens()).isEqualTo(4 * SPAN);
        MemorySegment back = arena.allocate(BLOCK.bytes(), 64);
        LoadResult loaded = held.load(1, 3 * SPAN, 4 * SPAN, BlockTensors.of(BLOCK, back));
        assertThat(loaded).isEqualTo(new LoadResult.Complete(SPAN));
        assertThat(back.mismatch(blocks.get(3).get(1))).isEqualTo(-1);
      }
    }
  }

  @Test
  void whatWasNeverStoredIsFoundNowhere() {
    try (KvCache cache = open()) {
      StoredPrefix found = cache.find(Tenant.NONE, IDS);
      assertThat(found.tokens()).isZero();
      assertThat(found.shares()).isEmpty();
      try (PrefixMatch held = cache.hold(Tenant.NONE, IDS)) {
        assertThat(held.tokens()).isZero();
      }
    }
  }

  @Test
  void idsThatNoTokenHasNameBlocksAsWell() {
    int[] names = IDS.clone();
    names[0] = -1;
    try (KvCache cache = open();
        Arena arena = Arena.ofConfined()) {
      write(cache, names, blocks(arena, 4));
      assertThat(cache.find(Tenant.NONE, names).tokens()).isEqualTo(4 * SPAN);
      assertThat(cache.find(Tenant.NONE, IDS).tokens()).isZero();
    }
  }

  private static void write(KvCache cache, int[] ids, List<List<MemorySegment>> blocks) {
    try (PrefixWriter writer = cache.write(Tenant.NONE, ids)) {
      blocks.forEach(block -> writer.write(tensors(block)));
      assertThat(writer.finish()).isEqualTo(blocks.size() * SPAN);
    }
  }

  private static KvCache open() {
    return KvCache.open(
        CacheConfig.of(SHAPE, "stored prefix test").blockTokens(SPAN).hot(1 << 20).build());
  }

  private static List<LayerTensors> tensors(List<MemorySegment> block) {
    return block.stream().map(memory -> BlockTensors.of(BLOCK, memory)).toList();
  }

  private static List<List<MemorySegment>> blocks(Arena arena, int chunks) {
    Random random = new Random(5);
    List<List<MemorySegment>> all = new ArrayList<>();
    for (int chunk = 0; chunk < chunks; chunk++) {
      List<MemorySegment> layers = new ArrayList<>();
      for (int layer = 0; layer < SHAPE.layerCount(); layer++) {
        byte[] bytes = new byte[(int) BLOCK.bytes()];
        random.nextBytes(bytes);
        layers.add(arena.allocate(BLOCK.bytes(), 64).copyFrom(MemorySegment.ofArray(bytes)));
      }
      all.add(layers);
    }
    return all;
  }
}
