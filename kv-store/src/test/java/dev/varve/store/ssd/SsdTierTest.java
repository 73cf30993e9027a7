package dev.varve.store.ssd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.store.BlockKey;
import dev.varve.store.BlockTier;
import dev.varve.store.BlockTierContract;
import dev.varve.store.EncodedBlock;
import dev.varve.store.TestBlocks;
import dev.varve.store.Tier;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SsdTierTest extends BlockTierContract {

  private static final long FOOTPRINT = SegmentRecordDescriptor.footprint(PAYLOAD);
  private static final int BLOCKS_PER_SEGMENT = 4;

  @TempDir private Path folder;

  @Override
  protected BlockTier open() {
    return SsdTier.open(
        new SsdTierConfig(folder, ROOM * FOOTPRINT, BLOCKS_PER_SEGMENT * FOOTPRINT));
  }

  @Override
  protected void damage(BlockKey key) {
    Location location = SsdFiles.locate((SsdTier) tier, key);
    try {
      SsdFiles.flip(
          SsdFiles.segment(folder, location.segment()),
          location.offset() + SegmentRecordDescriptor.PAYLOAD_OFFSET + 77);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void isTheSsdTier() {
    assertThat(tier.tier()).isEqualTo(Tier.SSD);
  }

  @Test
  void cutsABatchIntoSegments() throws IOException {
    tier.put(TestBlocks.blocks(arena, 0, 10, PAYLOAD));
    assertThat(SsdFiles.segments(folder)).hasSize(3);
    assertHeld(0, 3, 4, 7, 8, 9);
  }

  @Test
  void fillsTheActiveSegmentBatchByBatch() throws IOException {
    for (int number = 0; number < 5; number++) {
      tier.put(TestBlocks.blocks(arena, number, number + 1, PAYLOAD));
    }
    assertThat(SsdFiles.segments(folder)).hasSize(2);
    assertHeld(0, 1, 2, 3, 4);
  }

  @Test
  void reclaimsWholeSegments() {
    tier.put(TestBlocks.blocks(arena, 0, 10, PAYLOAD));
    assertThat(tier.reclaimable(1)).hasSize(BLOCKS_PER_SEGMENT).contains(TestBlocks.key(3));
    assertThat(tier.reclaimable(4 * FOOTPRINT + 1)).hasSize(2 * BLOCKS_PER_SEGMENT);
  }

  @Test
  void deletesASegmentWithItsLastBlock() throws IOException {
    tier.put(TestBlocks.blocks(arena, 0, 10, PAYLOAD));
    tier.remove(List.of(TestBlocks.key(0), TestBlocks.key(1), TestBlocks.key(2)));
    assertThat(SsdFiles.segments(folder)).hasSize(3);
    assertThat(tier.usage().usedBytes()).isEqualTo(10 * FOOTPRINT);
    tier.remove(List.of(TestBlocks.key(3)));
    assertThat(SsdFiles.segments(folder)).hasSize(2);
    assertThat(tier.usage().usedBytes()).isEqualTo(6 * FOOTPRINT);
    assertHeld(4, 5, 6, 7, 8, 9);
  }

  @Test
  void goesOnAfterTheActiveSegmentDied() {
    tier.put(TestBlocks.blocks(arena, 0, 2, PAYLOAD));
    tier.remove(List.of(TestBlocks.key(0), TestBlocks.key(1)));
    assertThat(tier.put(TestBlocks.blocks(arena, 0, ROOM, PAYLOAD))).isEqualTo(ROOM);
    assertHeld(0, 5, ROOM - 1);
  }

  @Test
  void givesABlockLargerThanASegmentAFileOfItsOwn() throws IOException {
    int bytes = (int) (6 * FOOTPRINT);
    EncodedBlock large = TestBlocks.block(arena, 1, bytes);
    List<EncodedBlock> batch = new ArrayList<>(TestBlocks.blocks(arena, 0, 1, PAYLOAD));
    batch.add(large);
    batch.addAll(TestBlocks.blocks(arena, 2, 3, PAYLOAD));
    assertThat(tier.put(batch)).isEqualTo(3);
    assertThat(SsdFiles.segments(folder)).hasSize(3);
    tier.with(
        large.header().key(),
        (header, payload) -> assertThat(payload.mismatch(large.payload())).isEqualTo(-1));
    assertHeld(0, 2);
  }

  @Test
  void servesAnInterruptedThreadAndLeavesItInterrupted() {
    tier.put(TestBlocks.blocks(arena, 0, 2, PAYLOAD));
    Thread.currentThread().interrupt();
    assertHeld(0);
    assertThat(tier.put(TestBlocks.blocks(arena, 2, 7, PAYLOAD))).isEqualTo(5);
    assertThat(Thread.interrupted()).isTrue();
    assertHeld(0, 1, 2, 6);
  }

  @Test
  void refusesImpossibleSizes() {
    assertThatThrownBy(() -> new SsdTierConfig(folder, 8191, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("8191")
        .hasMessageContaining("8192");
    assertThatThrownBy(() -> new SsdTierConfig(folder, 1 << 20, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
