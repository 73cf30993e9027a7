package dev.varve.store.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.store.BlockHeaderDescriptor;
import dev.varve.store.BlockKey;
import dev.varve.store.BlockTier;
import dev.varve.store.BlockTierContract;
import dev.varve.store.EncodedBlock;
import dev.varve.store.ReadOutcome;
import dev.varve.store.TestBlocks;
import dev.varve.store.Tier;
import dev.varve.store.internal.IndexForm;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChronicleHostTierTest extends BlockTierContract {

  private static final long FOOTPRINT = HostMapLayout.footprint(PAYLOAD);

  @Override
  protected BlockTier open() {
    return ChronicleHostTier.open(new HostTierConfig(ROOM * FOOTPRINT, PAYLOAD));
  }

  @Override
  protected void damage(BlockKey key) {
    flip(key, BlockHeaderDescriptor.HEADER_LENGTH + 123);
  }

  private void flip(BlockKey key, long offset) {
    ((ChronicleHostTier) tier)
        .map()
        .look(
            IndexForm.of(key),
            entry -> {
              byte old = entry.get(ValueLayout.JAVA_BYTE, offset);
              entry.set(ValueLayout.JAVA_BYTE, offset, (byte) (old ^ 4));
              return old;
            });
  }

  @Test
  void isTheHostTier() {
    assertThat(tier.tier()).isEqualTo(Tier.HOST);
  }

  @Test
  void reportsAFlippedBitInTheHeader() {
    tier.put(TestBlocks.blocks(arena, 0, 1, PAYLOAD));
    flip(TestBlocks.key(0), BlockHeaderDescriptor.FIRST_TOKEN_OFFSET);
    assertThat(tier.read(TestBlocks.key(0), arena.allocate(PAYLOAD)))
        .isInstanceOfSatisfying(
            ReadOutcome.Damaged.class,
            damaged -> assertThat(damaged.reason()).contains("header CRC"));
  }

  @Test
  void readsNowWhatIsWholeAndOfTheLengthAskedFor() {
    tier.put(TestBlocks.blocks(arena, 0, 2, PAYLOAD));
    MemorySegment target = arena.allocate(PAYLOAD);
    assertThat(tier.readNow(TestBlocks.key(1), target)).isTrue();
    assertThat(TestBlocks.matches(target, 1)).isTrue();
    assertThat(tier.readNow(TestBlocks.key(1), arena.allocate(PAYLOAD - 1))).isFalse();
    assertThat(tier.readNow(TestBlocks.key(1), arena.allocate(PAYLOAD + 1))).isFalse();
    assertThat(tier.readNow(TestBlocks.key(7), target)).isFalse();
    damage(TestBlocks.key(1));
    assertThat(tier.readNow(TestBlocks.key(1), target)).isFalse();
    assertThat(tier.readNow(TestBlocks.key(0), target)).isTrue();
    tier.close();
    assertThat(tier.readNow(TestBlocks.key(0), target)).isFalse();
  }

  @Test
  void refusesACapacitySmallerThanOneBlock() {
    assertThatThrownBy(() -> new HostTierConfig(FOOTPRINT - 1, PAYLOAD))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(String.valueOf(FOOTPRINT - 1))
        .hasMessageContaining(String.valueOf(FOOTPRINT));
  }

  @Test
  void refusesImpossibleSizes() {
    assertThatThrownBy(() -> new HostTierConfig(0, 1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new HostTierConfig(1L << 40, -1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new HostTierConfig(1L << 40, Integer.MAX_VALUE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1073741824");
  }

  @Test
  void holdsOneBlockWhereThereIsRoomForOne() {
    try (BlockTier one = ChronicleHostTier.open(new HostTierConfig(FOOTPRINT, PAYLOAD))) {
      assertThat(one.put(TestBlocks.blocks(arena, 0, 2, PAYLOAD))).isEqualTo(1);
    }
  }

  @Test
  void namesTheOldestFirst() {
    tier.put(TestBlocks.blocks(arena, 0, 4, PAYLOAD));
    tier.remove(List.of(TestBlocks.key(0)));
    tier.put(TestBlocks.blocks(arena, 0, 1, PAYLOAD));
    assertThat(tier.reclaimable(2 * FOOTPRINT))
        .containsExactly(TestBlocks.key(1), TestBlocks.key(2));
    assertThat(tier.reclaimable(Long.MAX_VALUE).getLast()).isEqualTo(TestBlocks.key(0));
  }

  @Test
  void fillsAllItsSegmentsToTheConfiguredCapacity() {
    int payload = 4000;
    long footprint = HostMapLayout.footprint(payload);
    int room = 1100;
    HostTierConfig config = new HostTierConfig(room * footprint, payload);
    assertThat(HostMapLayout.of(config).segments()).isEqualTo(4);
    try (BlockTier large = ChronicleHostTier.open(config)) {
      assertThat(large.put(TestBlocks.blocks(arena, 0, room + 50, payload))).isEqualTo(room);
    }
  }

  /** Chronicle Map 2026.1 wrote such a block's tail into the entry behind it. */
  @Test
  void keepsBlocksThatFillTheirLastChunkApart() {
    HostTierConfig config = new HostTierConfig(100 * 4096, 8192);
    int chunk = HostMapLayout.CHUNK_BYTES;
    try (BlockTier small = ChronicleHostTier.open(config)) {
      for (int bytes = chunk - 512; bytes <= chunk; bytes++) {
        List<EncodedBlock> blocks = TestBlocks.blocks(arena, 0, 4, bytes);
        assertThat(small.put(blocks)).isEqualTo(4);
        for (EncodedBlock block : blocks) {
          assertThat(small.read(block.header().key(), arena.allocate(bytes)))
              .as("payload of %d bytes", bytes)
              .isEqualTo(new ReadOutcome.Found(block.header()));
        }
        assertThat(small.remove(blocks.stream().map(b -> b.header().key()).toList())).isEqualTo(4);
      }
    }
  }

  @Test
  void refusesNoBlockForBeingSmall() {
    try (BlockTier small = ChronicleHostTier.open(new HostTierConfig(400 * 4096, 200_000))) {
      assertThat(small.put(TestBlocks.blocks(arena, 0, 500, 10))).isEqualTo(400);
    }
  }
}
