package dev.varve.store.ssd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.store.BlockHeader;
import dev.varve.store.BlockKey;
import dev.varve.store.ReadOutcome;
import dev.varve.store.TestBlocks;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Segment files that are used again and again. */
class SsdTierRecyclingTest {

  private static final int PAYLOAD = 10_000;
  private static final long FOOTPRINT = SegmentRecordDescriptor.footprint(PAYLOAD);

  @TempDir private Path folder;
  private final Arena arena = Arena.ofShared();
  private SsdTierConfig config = new SsdTierConfig(Path.of("unset"), 1 << 20, 1);

  @BeforeEach
  void configure() {
    config = new SsdTierConfig(folder, 12 * FOOTPRINT, 4 * FOOTPRINT);
  }

  @AfterEach
  void free() {
    arena.close();
  }

  @Test
  void keepsTheFileOfADeadSegmentAndWritesOverIt() throws IOException {
    try (SsdTier tier = SsdTier.open(config)) {
      put(tier, 0, 8);
      remove(tier, 0, 4);
      assertThat(SsdFiles.segments(folder)).hasSize(1);
      assertThat(SsdFiles.free(folder)).hasSize(1);
      assertThat(SsdFiles.bytesOnDisk(folder)).isEqualTo(8 * FOOTPRINT);
      put(tier, 8, 10);
      assertThat(SsdFiles.free(folder)).isEmpty();
      assertThat(SsdFiles.bytesOnDisk(folder)).isEqualTo(8 * FOOTPRINT);
      assertHeld(tier, 4, 10);
    }
  }

  @Test
  void revivesNothingOfAnEarlierUseOfAFileWhenTheIndexIsRebuilt() throws IOException {
    try (SsdTier tier = SsdTier.open(config)) {
      put(tier, 0, 8);
      remove(tier, 0, 4);
      remove(tier, 5, 6);
      put(tier, 8, 10);
    }
    assertThat(SsdTier.rebuild(folder)).isEqualTo(5);
    try (SsdTier tier = SsdTier.open(config)) {
      assertHeld(tier, 4, 5);
      assertHeld(tier, 6, 10);
      assertAbsent(tier, 0, 1, 2, 3, 5);
      assertThat(tier.counters().damagedReads()).isZero();
    }
  }

  @Test
  void letsTheOldestBlocksGoWhereItIsOpenedWithLessCapacity() throws IOException {
    try (SsdTier tier = SsdTier.open(config)) {
      put(tier, 0, 10);
    }
    config = new SsdTierConfig(folder, 7 * FOOTPRINT, 4 * FOOTPRINT);
    try (SsdTier tier = SsdTier.open(config)) {
      assertThat(tier.usage().usedBytes()).isLessThanOrEqualTo(config.capacityBytes());
      assertThat(SsdFiles.bytesOnDisk(folder)).isLessThanOrEqualTo(config.capacityBytes());
      assertHeld(tier, 4, 10);
      assertAbsent(tier, 0, 1, 2, 3);
    }
  }

  @Test
  void goesOnInTheSegmentThatTheLastRunLeft() throws IOException {
    for (int number = 0; number < 4; number++) {
      try (SsdTier tier = SsdTier.open(config)) {
        put(tier, number, number + 1);
      }
    }
    assertThat(SsdFiles.segments(folder)).hasSize(1);
    try (SsdTier tier = SsdTier.open(config)) {
      assertHeld(tier, 0, 4);
    }
  }

  @Test
  void readersOfADeadSegmentFinishAndItsFileIsNotOverwrittenUnderThem() {
    try (SsdTier tier = SsdTier.open(config)) {
      put(tier, 0, 4);
      Thread[] remover = new Thread[1];
      ReadOutcome outcome =
          tier.with(
              TestBlocks.key(0),
              (header, payload) -> {
                remover[0] =
                    Thread.ofPlatform()
                        .start(() -> {
                          remove(tier, 0, 4);
                          put(tier, 4, 8);
                        });
                join(remover[0]);
                assertThat(TestBlocks.matches(payload, 0)).isTrue();
              });
      assertThat(outcome).isInstanceOf(ReadOutcome.Found.class);
      assertHeld(tier, 4, 8);
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void neverTakesMoreThanItsCapacityWhateverIsPutAndRemoved() throws IOException {
    long seed = new SplittableRandom().nextLong();
    SplittableRandom random = new SplittableRandom(seed);
    long capacity = 400_000;
    SsdTierConfig small = new SsdTierConfig(folder, capacity, 90_000);
    Set<Long> held = new TreeSet<>();
    for (int session = 0; session < 12; session++) {
      try (SsdTier tier = SsdTier.open(small)) {
        for (int step = 0; step < 60; step++) {
          long number = random.nextLong(50);
          int bytes = 1 + new SplittableRandom(number).nextInt(60_000);
          if (random.nextInt(3) > 0) {
            if (tier.put(List.of(TestBlocks.block(arena, number, bytes))) == 1) {
              held.add(number);
            } else {
              List<BlockKey> keys = tier.reclaimable(1);
              assertThat(tier.remove(keys)).isEqualTo(keys.size());
              held.removeIf(gone -> keys.contains(TestBlocks.key(gone)));
            }
          } else if (random.nextInt(10) == 0) {
            tier.compact(random.nextDouble(), random.nextInt(100_000));
          } else {
            assertThat(tier.remove(List.of(TestBlocks.key(number))))
                .isEqualTo(held.remove(number) ? 1 : 0);
          }
          assertThat(SsdFiles.bytesOnDisk(folder))
              .as("session %d, step %d, seed %d", session, step, seed)
              .isLessThanOrEqualTo(capacity);
        }
      }
      if (session % 4 == 3) {
        assertThat(SsdTier.rebuild(folder)).as("seed %d", seed).isEqualTo(held.size());
      }
    }
    try (SsdTier tier = SsdTier.open(small)) {
      List<BlockKey> keys = new ArrayList<>();
      tier.forEach(header -> keys.add(header.key()));
      assertThat(keys)
          .as("seed %d", seed)
          .containsExactlyInAnyOrderElementsOf(held.stream().map(TestBlocks::key).toList());
      for (BlockKey key : keys) {
        assertThat(tier.read(key, arena.allocate(60_001))).isInstanceOf(ReadOutcome.Found.class);
      }
    }
  }

  @Test
  void movesLiveBlocksTogetherAndGivesTheSpaceBack() throws IOException {
    try (SsdTier tier = SsdTier.open(config)) {
      put(tier, 0, 12);
      for (int number = 0; number < 12; number += 2) {
        remove(tier, number, number + 1);
      }
      assertThat(tier.usage().usedBytes()).isEqualTo(12 * FOOTPRINT);
      assertThat(tier.compact(0.9, 0).movedBlocks()).isZero();
    }
    SsdTierConfig roomy = new SsdTierConfig(folder, 20 * FOOTPRINT, 4 * FOOTPRINT);
    try (SsdTier tier = SsdTier.open(roomy)) {
      Compaction compaction = tier.compact(0.9, 0);
      assertThat(compaction).isEqualTo(new Compaction(6, 0, 6 * FOOTPRINT));
      assertThat(tier.usage().usedBytes()).isEqualTo(6 * FOOTPRINT);
      assertThat(SsdFiles.bytesOnDisk(folder)).isEqualTo(6 * FOOTPRINT);
      for (int number = 1; number < 12; number += 2) {
        assertHeld(tier, number, number + 1);
        assertAbsent(tier, number - 1);
      }
    }
  }

  @Test
  void makesRoomInASmallerCapacityByDeletingFreeFiles() throws IOException {
    try (SsdTier tier = SsdTier.open(config)) {
      put(tier, 0, 12);
      remove(tier, 0, 8);
    }
    assertThat(SsdFiles.free(folder)).hasSize(2);
    try (SsdTier tier = SsdTier.open(new SsdTierConfig(folder, 5 * FOOTPRINT, FOOTPRINT))) {
      assertThat(SsdFiles.bytesOnDisk(folder)).isEqualTo(4 * FOOTPRINT);
      assertHeld(tier, 8, 12);
    }
  }

  @Test
  void rebuildsFromSegmentsThatHoldTheSameBlockTwice() throws IOException {
    try (SsdTier tier = SsdTier.open(config)) {
      put(tier, 0, 3);
      remove(tier, 1, 2);
      put(tier, 1, 2);
      remove(tier, 2, 3);
      put(tier, 2, 3);
      remove(tier, 2, 3);
    }
    Files.delete(folder.resolve("index/data.mdb"));
    try (SsdTier tier = SsdTier.open(config)) {
      assertHeld(tier, 0, 2);
      assertAbsent(tier, 2);
      List<BlockHeader> headers = new ArrayList<>();
      tier.forEach(headers::add);
      assertThat(headers).hasSize(2);
      assertThat(tier.counters().rebuilds()).isEqualTo(1);
    }
  }

  private void put(SsdTier tier, long from, long to) {
    assertThat(tier.put(TestBlocks.blocks(arena, from, to, PAYLOAD))).isEqualTo((int) (to - from));
  }

  private static void remove(SsdTier tier, long from, long to) {
    List<BlockKey> keys = new ArrayList<>();
    for (long number = from; number < to; number++) {
      keys.add(TestBlocks.key(number));
    }
    assertThat(tier.remove(keys)).isEqualTo(keys.size());
  }

  private void assertHeld(SsdTier tier, long from, long to) {
    for (long number = from; number < to; number++) {
      MemorySegment target = arena.allocate(PAYLOAD);
      assertThat(tier.read(TestBlocks.key(number), target))
          .as("block %d", number)
          .isInstanceOf(ReadOutcome.Found.class);
      assertThat(TestBlocks.matches(target, number)).as("block %d", number).isTrue();
    }
  }

  private void assertAbsent(SsdTier tier, long... numbers) {
    for (long number : numbers) {
      assertThat(tier.read(TestBlocks.key(number), arena.allocate(PAYLOAD)))
          .as("block %d", number)
          .isEqualTo(new ReadOutcome.Absent());
    }
  }
}
