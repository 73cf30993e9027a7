package dev.varve.store.ssd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.store.ChildJvm;
import dev.varve.store.ReadOutcome;
import dev.varve.store.TestBlocks;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class SsdTierKillTest {

  private static final int KILLS = 5;

  @TempDir private Path folder;

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void servesEveryAcknowledgedBatchOfAKilledProcess() throws Exception {
    long seed = new SplittableRandom().nextLong();
    SplittableRandom random = new SplittableRandom(seed);
    long acknowledged = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      acknowledged = writeAndKill(acknowledged, random.nextInt(1, 60));
      try (SsdTier tier = SsdTier.open(SsdWriterMain.config(folder))) {
        assertHeld(tier, acknowledged, seed);
        acknowledged = Math.ceilDiv(tier.usage().blocks(), (long) SsdWriterMain.BATCH);
        assertThat(tier.usage().blocks() % SsdWriterMain.BATCH)
            .as("blocks of a batch that is visible in part, seed %d", seed)
            .isZero();
      }
    }
  }

  /** Kills a writer once it has acknowledged some batches; returns how many are acknowledged. */
  private long writeAndKill(long from, int batches) throws IOException, InterruptedException {
    Process child =
        ChildJvm.start(
            ChildJvm.command(
                List.of(), SsdWriterMain.class, folder.toString(), String.valueOf(from)));
    long acknowledged = from;
    try (BufferedReader output = child.inputReader()) {
      while (acknowledged < from + batches) {
        String line = output.readLine();
        assertThat(line).as("output of the writer").isNotNull();
        if (line.equals(String.valueOf(acknowledged))) {
          acknowledged++;
        }
      }
      // Not child.destroyForcibly(): that also closes the pipe with the last acknowledgements.
      assertThat(child.toHandle().destroyForcibly()).isTrue();
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        acknowledged += line.equals(String.valueOf(acknowledged)) ? 1 : 0;
      }
    }
    child.waitFor();
    return acknowledged;
  }

  private static void assertHeld(SsdTier tier, long batches, long seed) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment target = arena.allocate(SsdWriterMain.PAYLOAD);
      for (long number = 0; number < batches * SsdWriterMain.BATCH; number++) {
        assertThat(tier.read(TestBlocks.key(number), target))
            .as("block %d, seed %d", number, seed)
            .isInstanceOf(ReadOutcome.Found.class);
        assertThat(TestBlocks.matches(target, number)).as("seed %d", seed).isTrue();
      }
    }
  }
}
