package dev.varve.store.ssd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.store.ReadOutcome;
import dev.varve.store.StoreException;
import dev.varve.store.TestBlocks;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When a put is synced, and how files are opened. */
class SsdTierDurabilityTest {

  private static final int PAYLOAD = 5_000;

  @TempDir private Path folder;
  private final Arena arena = Arena.ofShared();
  private final AtomicLong now = new AtomicLong(-5);
  private final FailingFiles files = new FailingFiles();

  @AfterEach
  void free() {
    arena.close();
  }

  @Test
  void syncsABatchedPutOnceItIsOldEnoughAndNotBefore() {
    try (SsdTier tier = open("batched(10)")) {
      assertThat(tier.work()).isZero();
      put(tier, 0);
      now.addAndGet(TimeUnit.MILLISECONDS.toNanos(9));
      assertThat(tier.work()).isZero();
      put(tier, 1);
      assertThat(tier.counters().syncs()).isZero();
      now.addAndGet(TimeUnit.MILLISECONDS.toNanos(1));
      assertThat(tier.work()).isEqualTo(1);
      assertThat(tier.work()).isZero();
      assertThat(tier.counters().syncs()).isEqualTo(1);
      put(tier, 2);
      now.addAndGet(TimeUnit.MILLISECONDS.toNanos(10));
      put(tier, 3);
      assertThat(tier.counters().syncs()).as("a put syncs what is due").isEqualTo(2);
    }
  }

  @Test
  void syncsEveryPutOrNoneAsConfigured() {
    try (SsdTier tier = open("sync")) {
      put(tier, 0);
      put(tier, 1);
      assertThat(tier.counters().syncs()).isEqualTo(2);
    }
    try (SsdTier tier = open("none")) {
      put(tier, 2);
      now.addAndGet(TimeUnit.DAYS.toNanos(1));
      assertThat(tier.work()).isZero();
      assertThat(tier.counters().syncs()).isZero();
      tier.sync();
      assertThat(tier.counters().syncs()).isEqualTo(1);
    }
  }

  @Test
  void losesOnlyWhatWaitedWhenTheDiskRefusesASync() {
    try (SsdTier tier = open("batched(10)")) {
      put(tier, 0);
      tier.sync();
      put(tier, 1);
      files.failAfter(0, false);
      assertThatThrownBy(tier::sync)
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("1 blocks")
          .hasMessageContaining(FailingFiles.REASON);
      files.heal();
      assertThat(tier.counters().failedSyncs()).isEqualTo(1);
      assertThat(tier.counters().lostBlocks()).isEqualTo(1);
      assertThat(read(tier, 0)).isInstanceOf(ReadOutcome.Found.class);
      assertThat(read(tier, 1)).isEqualTo(new ReadOutcome.Absent());
      put(tier, 1);
      assertThat(tier.usage().blocks()).isEqualTo(2);
    }
    try (SsdTier tier = open("sync")) {
      assertThat(read(tier, 1)).isInstanceOf(ReadOutcome.Found.class);
    }
  }

  @Test
  void countsPutsThatTheDiskRefuses() {
    try (SsdTier tier = open("sync")) {
      files.failAfter(0, false);
      assertThatThrownBy(() -> tier.put(TestBlocks.blocks(arena, 0, 1, PAYLOAD)))
          .isInstanceOf(StoreException.class);
      files.heal();
      assertThat(tier.counters().failedPuts()).isEqualTo(1);
    }
  }

  @Test
  void readsItsTextFormAndRefusesOthers() {
    for (String text : new String[] {"sync", "batched(250)", "none"}) {
      assertThat(Durability.parse(text)).hasToString(text);
    }
    assertThat(Durability.parse("batched")).isEqualTo(Durability.DEFAULT);
    for (String text : new String[] {"", "batched(0)", "batched(-1)", "batched()", "always"}) {
      assertThatThrownBy(() -> Durability.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void fallsBackToBufferedFilesWhereDirectOnesAreRefusedAndSaysSo() throws IOException {
    DiskFiles refused =
        DiskFiles.probe(
            folder,
            (path, options) -> {
              throw new IOException("Invalid argument");
            });
    assertThat(refused.direct()).isFalse();
    assertThat(refused.mode()).contains("buffered").contains("Invalid argument");
    assertThat(folder).isEmptyDirectory();
    SsdTierConfig config = new SsdTierConfig(folder, 1 << 20, 1 << 18);
    try (SsdTier tier = SsdTier.open(config, _ -> refused, now::get)) {
      put(tier, 0);
      assertThat(tier.counters().ioMode()).isEqualTo(refused.mode());
      assertThat(read(tier, 0)).isInstanceOf(ReadOutcome.Found.class);
    }
  }

  private SsdTier open(String level) {
    SsdTierConfig config = new SsdTierConfig(folder, 1 << 20, 1 << 18, Durability.parse(level));
    return SsdTier.open(config, _ -> files, now::get);
  }

  private void put(SsdTier tier, long number) {
    assertThat(tier.put(TestBlocks.blocks(arena, number, number + 1, PAYLOAD))).isEqualTo(1);
  }

  private ReadOutcome read(SsdTier tier, long number) {
    return tier.read(TestBlocks.key(number), arena.allocate(PAYLOAD));
  }
}
