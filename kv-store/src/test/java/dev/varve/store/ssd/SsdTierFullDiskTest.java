package dev.varve.store.ssd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.store.EncodedBlock;
import dev.varve.store.ReadOutcome;
import dev.varve.store.StoreException;
import dev.varve.store.TestBlocks;
import dev.varve.store.TierUsage;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SsdTierFullDiskTest {

  private static final int PAYLOAD = 10_000;
  private static final long FOOTPRINT = SegmentRecordDescriptor.footprint(PAYLOAD);

  /** A batch of six over segments of four: 3 writes, 2 new files, 3 forces, one of names. */
  private static final int CHANGES = 9;

  @TempDir private Path folder;
  private final Arena arena = Arena.ofShared();
  private final FailingFiles files = new FailingFiles();

  @AfterEach
  void free() {
    arena.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void losesNothingWhicheverChangeOfABatchFails(boolean tearing) throws IOException {
    int failures = 0;
    for (int changes = 0; changes < CHANGES + 3; changes++) {
      SsdTierConfig config = config(folder.resolve("at" + changes));
      boolean failed = failsOnce(config, changes, tearing);
      failures += failed ? 1 : 0;
      try (SsdTier tier = SsdTier.open(config)) {
        assertHeld(tier, 0, 9);
        assertThat(tier.usage().blocks()).isEqualTo(9);
      }
    }
    assertThat(failures).isEqualTo(CHANGES);
  }

  /** Stores three blocks, fails with six more, heals, and stores them. */
  private boolean failsOnce(SsdTierConfig config, int changes, boolean tearing) throws IOException {
    List<EncodedBlock> batch = TestBlocks.blocks(arena, 3, 9, PAYLOAD);
    try (SsdTier tier = SsdTier.open(config, folder -> files, System::nanoTime)) {
      assertThat(tier.put(TestBlocks.blocks(arena, 0, 3, PAYLOAD))).isEqualTo(3);
      TierUsage before = tier.usage();
      files.failAfter(changes, tearing);
      boolean failed = false;
      try {
        tier.put(batch);
      } catch (StoreException e) {
        failed = true;
        assertThat(e).hasMessageContaining("segments").hasMessageContaining(FailingFiles.REASON);
        assertThat(tier.usage()).isEqualTo(before);
        assertHeld(tier, 0, 3);
        for (int number = 3; number < 9; number++) {
          assertThat(tier.read(TestBlocks.key(number), arena.allocate(PAYLOAD)))
              .isEqualTo(new ReadOutcome.Absent());
        }
        assertThat(SsdFiles.segments(config.folder())).hasSize(1);
      } finally {
        files.heal();
      }
      assertThat(tier.put(batch)).as("after %d changes", changes).isEqualTo(6);
      assertHeld(tier, 0, 9);
      return failed;
    }
  }

  @Test
  void keepsWhatWasCommittedWhereTheProcessDiesWithTheDiskFull() {
    SsdTierConfig config = config(folder);
    try (SsdTier tier = SsdTier.open(config, folder -> files, System::nanoTime)) {
      tier.put(TestBlocks.blocks(arena, 0, 3, PAYLOAD));
      files.failAfter(2, true);
      assertThatThrownBy(() -> tier.put(TestBlocks.blocks(arena, 3, 9, PAYLOAD)))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("room");
    } finally {
      files.heal();
    }
    try (SsdTier tier = SsdTier.open(config)) {
      assertHeld(tier, 0, 3);
      assertThat(tier.usage().blocks()).isEqualTo(3);
    }
  }

  private static SsdTierConfig config(Path folder) {
    return new SsdTierConfig(folder, 100 * FOOTPRINT, 4 * FOOTPRINT, new Durability.Sync());
  }

  private void assertHeld(SsdTier tier, int from, int to) {
    for (int number = from; number < to; number++) {
      MemorySegment target = arena.allocate(PAYLOAD);
      assertThat(tier.read(TestBlocks.key(number), target))
          .as("block %d", number)
          .isInstanceOf(ReadOutcome.Found.class);
      assertThat(TestBlocks.matches(target, number)).as("block %d", number).isTrue();
    }
  }
}
