package dev.varve.store.ssd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.store.BlockKey;
import dev.varve.store.ReadOutcome;
import dev.varve.store.TestBlocks;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What was removed stays away, also when the index has to be made anew. */
class SsdTierRemovalTest {

  private static final int PAYLOAD = 5_000;
  private static final long FOOTPRINT = SegmentRecordDescriptor.footprint(PAYLOAD);

  @TempDir private Path folder;
  private final Arena arena = Arena.ofShared();
  private final FailingFiles files = new FailingFiles();

  @AfterEach
  void free() {
    arena.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"sync", "batched(1000000)", "none"})
  void staysRemovedWhenTheProcessDiesAndTheIndexIsLost(String level) throws IOException {
    Path killed = folder.resolve("killed");
    try (SsdTier tier = open(folder.resolve("store"), level)) {
      tier.put(TestBlocks.blocks(arena, 0, 10, PAYLOAD));
      assertThat(tier.remove(keys(1, 6))).isEqualTo(5);
      assertThat(tier.remove(keys(9, 10))).isEqualTo(1);
      SsdFiles.copyAsKilled(folder.resolve("store"), killed);
    }
    Files.delete(killed.resolve("index/data.mdb"));
    assertHeld(killed, 0, 6, 7, 8);
  }

  @Test
  void theNextOpenFinishesARemovalThatTheDiskCutOff() throws IOException {
    Path killed = folder.resolve("killed");
    try (SsdTier tier = open(folder.resolve("store"), "none")) {
      tier.put(TestBlocks.blocks(arena, 0, 4, PAYLOAD));
      tier.sync();
      files.failAfter(0, false);
      assertThat(tier.remove(keys(1, 2))).isEqualTo(1);
      assertThat(tier.counters().failedRemovals()).isEqualTo(1);
      SsdFiles.copyAsKilled(folder.resolve("store"), killed);
      files.heal();
    }
    assertHeld(killed, 0, 2, 3);
    assertThat(SsdTier.rebuild(killed)).isEqualTo(3);
    assertHeld(killed, 0, 2, 3);
    assertThat(SsdTier.rebuild(folder.resolve("store")))
        .as("the disk took the mark when asked again")
        .isEqualTo(3);
  }

  @Test
  void anEarlierRecordOfABlockThatCompactionMovedIsMarkedByTheNextOpen() throws IOException {
    Path killed = folder.resolve("killed");
    try (SsdTier tier = open(folder.resolve("store"), "sync")) {
      tier.put(TestBlocks.blocks(arena, 0, 8, PAYLOAD));
      tier.remove(keys(2, 4));
      // The copy is written, forced and named, but the originals cannot be marked or retired.
      files.failAfter(4, false);
      try {
        tier.compact(0.9, 0);
      } catch (RuntimeException e) {
        assertThat(e).hasMessageContaining(FailingFiles.REASON);
      }
      SsdFiles.copyAsKilled(folder.resolve("store"), killed);
      files.heal();
    }
    try (SsdTier tier = open(killed, "sync")) {
      assertThat(tier.remove(keys(0, 1))).isEqualTo(1);
    }
    assertThat(SsdTier.rebuild(killed)).isEqualTo(5);
    assertHeld(killed, 1, 4, 5, 6, 7);
  }

  @Test
  void lostBlocksOfARefusedSyncDoNotComeBack() throws IOException {
    Path store = folder.resolve("store");
    try (SsdTier tier = open(store, "none")) {
      tier.put(TestBlocks.blocks(arena, 0, 2, PAYLOAD));
      tier.sync();
      tier.put(TestBlocks.blocks(arena, 2, 3, PAYLOAD));
      files.failAfter(0, false);
      assertThat(org.assertj.core.api.Assertions.catchThrowable(tier::sync)).isNotNull();
      files.heal();
      tier.put(TestBlocks.blocks(arena, 3, 4, PAYLOAD));
    }
    assertThat(SsdTier.rebuild(store)).isEqualTo(3);
    assertHeld(store, 0, 1, 3);
  }

  private SsdTier open(Path store, String level) {
    SsdTierConfig config =
        new SsdTierConfig(store, 40 * FOOTPRINT, 4 * FOOTPRINT, Durability.parse(level));
    return SsdTier.open(config, _ -> files, System::nanoTime);
  }

  private static List<BlockKey> keys(long from, long to) {
    return LongStream.range(from, to).mapToObj(TestBlocks::key).toList();
  }

  private void assertHeld(Path store, long... numbers) {
    try (SsdTier tier = open(store, "sync")) {
      List<Long> held =
          LongStream.range(0, 10)
              .filter(number ->
                  tier.read(TestBlocks.key(number), arena.allocate(PAYLOAD))
                      instanceof ReadOutcome.Found)
              .boxed()
              .toList();
      assertThat(held).containsExactlyElementsOf(LongStream.of(numbers).boxed().toList());
    }
  }
}
