package dev.varve.store.ssd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.store.ChildJvm;
import dev.varve.store.ReadOutcome;
import dev.varve.store.TestBlocks;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Kills a process at any point of writing, removal, recycling and compaction. */
class SsdTierChurnKillTest {

  private static final String[] LEVELS = {"sync", "batched(20)", "none"};

  @TempDir private Path folder;
  private final long seed = new SplittableRandom().nextLong();
  private final SplittableRandom random = new SplittableRandom(seed);

  /** Put and not removed since, as far as the killed process said. */
  private final Set<Long> acknowledged = new TreeSet<>();

  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void servesEverythingAcknowledgedWheneverTheProcessIsKilled() throws Exception {
    kill(20);
  }

  @Tag("slow")
  @Test
  @Timeout(value = 60, unit = TimeUnit.MINUTES)
  void servesEverythingAcknowledgedThroughHundredsOfKills() throws Exception {
    kill(200);
  }

  private void kill(int kills) throws Exception {
    Process child = start(0);
    try {
      for (int kill = 0; kill < kills; kill++) {
        Process dying = child;
        // Starts while the store is checked: starting takes longer than all else.
        child = start(kill + 1);
        churnAndKill(dying);
        check(LEVELS[kill % LEVELS.length], kill, damageTheIndexSometimes());
      }
    } finally {
      child.destroyForcibly().waitFor();
    }
  }

  private Process start(int kill) throws IOException {
    List<String> command =
        ChildJvm.command(
            List.of(),
            SsdChurnMain.class,
            folder.resolve("store").toString(),
            LEVELS[kill % LEVELS.length],
            String.valueOf(random.nextLong()),
            folder.resolve("warm" + kill % 2).toString());
    command.addAll(1, List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    return ChildJvm.start(command);
  }

  private void churnAndKill(Process child) throws IOException, InterruptedException {
    child.getOutputStream().write('\n');
    child.getOutputStream().flush();
    int lines = random.nextInt(1, 120);
    try (BufferedReader output = child.inputReader()) {
      for (int i = 0; i < lines; i++) {
        String line = output.readLine();
        assertThat(line).as("output of the child, seed %d", seed).isNotNull();
        take(line);
      }
      assertThat(child.toHandle().destroyForcibly()).isTrue();
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        take(line);
      }
    }
    child.waitFor();
  }

  /** A line may be cut off by the kill: a number cut short names a block of its own. */
  private void take(String line) {
    assertThat(line).as("seed %d", seed).doesNotContain("Exception");
    List<Long> numbers =
        Stream.of(line.split(" "))
            .skip(1)
            .filter(w -> w.matches("\\d+"))
            .map(Long::valueOf)
            .toList();
    if (line.startsWith("put")) {
      acknowledged.addAll(numbers);
    } else if (line.startsWith("removing")) {
      numbers.forEach(acknowledged::remove);
    }
  }

  private boolean damageTheIndexSometimes() throws IOException {
    Path index = folder.resolve("store/index/data.mdb");
    int choice = random.nextInt(4);
    if (choice == 0) {
      try (RandomAccessFile file = new RandomAccessFile(index.toFile(), "rw")) {
        file.setLength(random.nextLong(file.length()));
      }
    } else if (choice == 1) {
      for (int i = 0; i < 20; i++) {
        SsdFiles.flip(index, random.nextLong(Files.size(index)));
      }
    }
    return choice < 2;
  }

  private void check(String level, int kill, boolean damaged) throws IOException {
    Path store = folder.resolve("store");
    VerifyReport report = StoreMaintenance.verify(store);
    try (SsdTier tier = SsdTier.open(SsdChurnMain.config(store, level));
        Arena arena = Arena.ofConfined()) {
      MemorySegment target = arena.allocate(40_000);
      List<Long> lost = new ArrayList<>();
      for (long number = 0; number < SsdChurnMain.NUMBERS; number++) {
        switch (tier.read(TestBlocks.key(number), target)) {
          case ReadOutcome.Found(var header) -> {
            MemorySegment payload = target.asSlice(0, header.payloadBytes());
            assertThat(header.payloadBytes()).isEqualTo(SsdChurnMain.bytes(number));
            assertThat(TestBlocks.matches(payload, number))
                .as("block %d, kill %d, seed %d", number, kill, seed)
                .isTrue();
          }
          case ReadOutcome.Absent _ -> {
            if (acknowledged.contains(number)) {
              lost.add(number);
            }
          }
          case ReadOutcome.Damaged(String reason) ->
              throw new AssertionError(reason + ", kill " + kill + ", seed " + seed);
        }
      }
      assertThat(lost).as("lost by kill %d, seed %d, %s", kill, seed, report).isEmpty();
      assertThat(SsdFiles.bytesOnDisk(store))
          .as("kill %d, seed %d", kill, seed)
          .isLessThanOrEqualTo(SsdChurnMain.CAPACITY);
      if (!damaged) {
        assertThat(report.firstDamages()).as("kill %d, seed %d", kill, seed).isEmpty();
        assertThat(tier.counters().rebuilds()).as("kill %d, seed %d", kill, seed).isZero();
      }
    }
    assertThat(StoreMaintenance.verify(store).sound()).as("kill %d, seed %d", kill, seed).isTrue();
  }
}
