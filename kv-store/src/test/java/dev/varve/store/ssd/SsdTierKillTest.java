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
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a writing process leaves behind when the system ends it, or its disk space. */
class SsdTierKillTest {

  private static final int KILLS = 5;
  private static final long SEGMENT = 1 << 20;

  @TempDir private Path folder;

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void servesEveryAcknowledgedBatchOfAKilledProcess() throws Exception {
    long seed = new SplittableRandom().nextLong();
    SplittableRandom random = new SplittableRandom(seed);
    long acknowledged = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      acknowledged = writeAndKill(acknowledged, random.nextInt(1, 60));
      try (SsdTier tier = SsdTier.open(SsdWriterMain.config(folder, SEGMENT))) {
        assertHeld(tier, acknowledged, seed);
        acknowledged = Math.ceilDiv(tier.usage().blocks(), (long) SsdWriterMain.BATCH);
        assertThat(tier.usage().blocks() % SsdWriterMain.BATCH)
            .as("blocks of a batch that is visible in part, seed %d", seed)
            .isZero();
      }
    }
  }

  /** The system's own limit on the length of a file stands in for a full disk. */
  @ParameterizedTest
  @CsvSource({"600, 1048576, segments", "600, 131072, index"})
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void keepsWhatWasStoredBeforeTheSystemRefusesToWrite(int kib, String segmentBytes, String what)
      throws Exception {
    List<String> command = new ArrayList<>(List.of("bash", "-c"));
    command.add("ulimit -f " + kib + "; exec \"$@\"");
    command.add("limited");
    command.addAll(writer(0, segmentBytes));
    Process child = ChildJvm.start(command);
    List<String> output = child.inputReader().lines().toList();
    assertThat(child.waitFor()).isNotZero();
    assertThat(output).anyMatch(line -> line.contains("StoreException") && line.contains(what));
    long acknowledged = output.stream().filter(line -> line.startsWith("stored ")).count();
    assertThat(acknowledged).isPositive();
    try (SsdTier tier = SsdTier.open(SsdWriterMain.config(folder, SEGMENT));
        Arena arena = Arena.ofConfined()) {
      assertHeld(tier, acknowledged, 0);
      long next = acknowledged * SsdWriterMain.BATCH;
      assertThat(tier.usage().blocks()).isEqualTo(next);
      assertThat(tier.put(TestBlocks.blocks(arena, next, next + 5, SsdWriterMain.PAYLOAD)))
          .isEqualTo(5);
    }
  }

  private List<String> writer(long from, String segmentBytes) {
    return ChildJvm.command(
        List.of(), SsdWriterMain.class, folder.toString(), String.valueOf(from), segmentBytes);
  }

  /** Kills a writer once it has acknowledged some batches; returns how many are acknowledged. */
  private long writeAndKill(long from, int batches) throws IOException, InterruptedException {
    Process child = ChildJvm.start(writer(from, String.valueOf(SEGMENT)));
    long acknowledged = from;
    try (BufferedReader output = child.inputReader()) {
      while (acknowledged < from + batches) {
        String line = output.readLine();
        assertThat(line).as("output of the writer").isNotNull();
        acknowledged += line.equals("stored " + acknowledged) ? 1 : 0;
      }
      // Not child.destroyForcibly(): that also closes the pipe with the last acknowledgements.
      assertThat(child.toHandle().destroyForcibly()).isTrue();
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        acknowledged += line.equals("stored " + acknowledged) ? 1 : 0;
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
