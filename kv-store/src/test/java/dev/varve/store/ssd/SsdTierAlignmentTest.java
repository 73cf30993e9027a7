package dev.varve.store.ssd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.store.EncodedBlock;
import dev.varve.store.ReadOutcome;
import dev.varve.store.TestBlocks;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Memory on whole pages goes to the disk and comes from it as it lies, any other by a copy. */
class SsdTierAlignmentTest {

  private static final long PAGE = SegmentRecordDescriptor.PAGE;
  private static final int BLOCKS = 60;

  @TempDir private Path folder;
  private final long seed = new SplittableRandom().nextLong();
  private final SplittableRandom random = new SplittableRandom(seed);

  @Test
  void storesPayloadsOfAnyLengthAtAnyAddress() {
    SsdTierConfig config = new SsdTierConfig(folder, 32 << 20, 300_000, new Durability.Sync());
    List<Integer> lengths = new ArrayList<>();
    try (Arena arena = Arena.ofConfined();
        SsdTier tier = SsdTier.open(config)) {
      List<EncodedBlock> blocks = new ArrayList<>();
      for (int number = 0; number < BLOCKS; number++) {
        int length = length();
        lengths.add(length);
        EncodedBlock block = TestBlocks.block(arena, number, length);
        MemorySegment place = somewhere(arena, length).copyFrom(block.payload());
        blocks.add(new EncodedBlock(block.header(), place));
      }
      assertThat(tier.put(blocks)).as("seed %d", seed).isEqualTo(BLOCKS);
      check(tier, arena, lengths);
    }
    try (Arena arena = Arena.ofConfined();
        SsdTier tier = SsdTier.open(config)) {
      check(tier, arena, lengths);
    }
    assertThat(StoreMaintenance.verify(folder).sound()).as("seed %d", seed).isTrue();
  }

  @Test
  void finishesTransfersOfAnInterruptedThread() {
    SsdTierConfig config = new SsdTierConfig(folder, 1 << 20, 300_000, new Durability.Sync());
    try (Arena arena = Arena.ofConfined();
        SsdTier tier = SsdTier.open(config)) {
      int length = 2 * (int) PAGE;
      MemorySegment target = arena.allocate(length, PAGE);
      for (int number = 0; number < 3; number++) {
        EncodedBlock block = TestBlocks.block(arena, number, length);
        target.copyFrom(block.payload());
        Thread.currentThread().interrupt();
        assertThat(tier.put(List.of(new EncodedBlock(block.header(), target)))).isEqualTo(1);
        assertThat(tier.read(TestBlocks.key(number), target.fill((byte) 0)))
            .isInstanceOf(ReadOutcome.Found.class);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(TestBlocks.matches(target, number)).isTrue();
      }
    }
  }

  private void check(SsdTier tier, Arena arena, List<Integer> lengths) {
    for (int number = 0; number < BLOCKS; number++) {
      MemorySegment target = somewhere(arena, lengths.get(number));
      assertThat(tier.read(TestBlocks.key(number), target))
          .as("block %d, seed %d", number, seed)
          .isInstanceOf(ReadOutcome.Found.class);
      assertThat(TestBlocks.matches(target, number)).as("block %d, seed %d", number, seed).isTrue();
    }
  }

  /** Whole pages, a byte more or less, or anything. */
  private int length() {
    int pages = (int) PAGE * random.nextInt(1, 30);
    return switch (random.nextInt(4)) {
      case 0 -> pages + random.nextInt(-1, 2);
      case 1 -> random.nextInt(1, 200_000);
      default -> pages;
    };
  }

  private MemorySegment somewhere(Arena arena, int length) {
    long from = random.nextInt(3) == 0 ? random.nextLong(PAGE) : 0;
    return arena.allocate(length + from, PAGE).asSlice(from);
  }
}
