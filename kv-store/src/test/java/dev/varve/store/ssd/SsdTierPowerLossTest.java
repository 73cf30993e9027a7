package dev.varve.store.ssd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.store.BlockKey;
import dev.varve.store.ReadOutcome;
import dev.varve.store.StoreException;
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
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The order of syncs: whenever the power fails, everything promised is there and nothing wrong. */
class SsdTierPowerLossTest {

  private static final int PAYLOAD = 5_000;
  private static final long FOOTPRINT = SegmentRecordDescriptor.footprint(PAYLOAD);
  private static final int STEPS = 40;
  private static final int NUMBERS = 30;
  private static final int RUNS = 15;

  @TempDir private Path folder;
  private final long seed = new SplittableRandom().nextLong();

  /** Blocks that must be there, and blocks that may be. */
  private final Set<Long> promised = new TreeSet<>();

  private final Set<Long> possible = new TreeSet<>();

  /** Blocks that were removed and not put since, and those of which a sync came after that. */
  private final Set<Long> removed = new TreeSet<>();

  private final Set<Long> gone = new TreeSet<>();
  private int lost;
  private int damaged;

  @ParameterizedTest
  @ValueSource(strings = {"sync", "batched(1000000)", "none"})
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void keepsEverythingPromisedWheneverThePowerFails(String level) throws IOException {
    failOften(RUNS, level);
  }

  @Tag("slow")
  @ParameterizedTest
  @ValueSource(strings = {"sync", "batched(1000000)", "none"})
  @Timeout(value = 30, unit = TimeUnit.MINUTES)
  void keepsEverythingPromisedThroughHundredsOfFailures(String level) throws IOException {
    failOften(20 * RUNS, level);
  }

  private void failOften(int runs, String level) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    for (int run = 0; run < runs; run++) {
      failOnce(folder.resolve("run" + run), Durability.parse(level), random, false);
      assertThat(lost).as("promised blocks lost in run %d, seed %d", run, seed).isZero();
      assertThat(damaged).as("blocks damaged in run %d, seed %d", run, seed).isZero();
    }
  }

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void noticesADiskThatOnlyPretendsToForce() throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    for (int run = 0; run < 4 * RUNS && lost + damaged == 0; run++) {
      failOnce(folder.resolve("run" + run), new Durability.Sync(), random, true);
    }
    assertThat(lost + damaged).as("seed %d", seed).isPositive();
  }

  private void failOnce(Path store, Durability level, SplittableRandom random, boolean lies)
      throws IOException {
    promised.clear();
    possible.clear();
    removed.clear();
    gone.clear();
    PowerLossFiles files = new PowerLossFiles(random.nextInt(1, 120), lies);
    SsdTierConfig config = new SsdTierConfig(store, 24 * FOOTPRINT, 4 * FOOTPRINT, level);
    try (SsdTier tier = SsdTier.open(config, _ -> files, System::nanoTime)) {
      for (int step = 0; step < STEPS && !files.dark(); step++) {
        try {
          change(tier, level, random);
        } catch (StoreException e) {
          assertThat(files.dark()).as("%s, seed %d", e, seed).isTrue();
        }
      }
      files.fail();
    }
    files.settle(store.resolve("segments"), random);
    Files.deleteIfExists(store.resolve("CLEAN"));
    if (random.nextInt(3) == 0) {
      Files.delete(store.resolve("index/data.mdb"));
      possible.addAll(promised);
    }
    check(config, random);
  }

  private void change(SsdTier tier, Durability level, SplittableRandom random) {
    switch (random.nextInt(8)) {
      case 0, 1, 2, 3 -> {
        long from = random.nextInt(NUMBERS);
        long to = Math.min(NUMBERS, from + random.nextInt(1, 5));
        try (Arena arena = Arena.ofConfined()) {
          for (long number = from; number < to; number++) {
            possible.add(number);
            removed.remove(number);
            gone.remove(number);
          }
          int count = tier.put(TestBlocks.blocks(arena, from, to, PAYLOAD));
          for (long number = from; number < from + count; number++) {
            if (level instanceof Durability.Sync) {
              promised.add(number);
            }
          }
        }
      }
      case 4 -> {
        List<Long> numbers = new ArrayList<>();
        for (int i = random.nextInt(1, 4); i > 0; i--) {
          numbers.add((long) random.nextInt(NUMBERS));
        }
        remove(tier, level, numbers.stream().map(TestBlocks::key).toList());
      }
      case 5 -> remove(tier, level, tier.reclaimable(random.nextLong(8 * FOOTPRINT)));
      case 6 -> {
        promised.clear();
        tier.forEach(header -> {});
        Set<Long> held = held(tier);
        tier.sync();
        promised.addAll(held);
        gone.addAll(removed);
      }
      default -> tier.compact(0.9, random.nextInt(8) * FOOTPRINT);
    }
  }

  private void remove(SsdTier tier, Durability level, List<BlockKey> keys) {
    promised.removeIf(number -> keys.contains(TestBlocks.key(number)));
    tier.remove(keys);
    for (long number = 0; number < NUMBERS; number++) {
      if (keys.contains(TestBlocks.key(number))) {
        (level instanceof Durability.Sync ? gone : removed).add(number);
      }
    }
  }

  private static Set<Long> held(SsdTier tier) {
    Set<Long> held = new TreeSet<>();
    tier.forEach(header -> {
      for (long number = 0; number < NUMBERS; number++) {
        if (header.key().equals(TestBlocks.key(number))) {
          held.add(number);
        }
      }
    });
    return held;
  }

  private void check(SsdTierConfig config, SplittableRandom random) {
    try (SsdTier tier = SsdTier.open(config);
        Arena arena = Arena.ofConfined()) {
      for (int round = 0; round < 2; round++) {
        MemorySegment target = arena.allocate(PAYLOAD);
        for (long number = 0; number < NUMBERS; number++) {
          switch (tier.read(TestBlocks.key(number), target)) {
            case ReadOutcome.Found _ ->
                assertThat(
                        possible.contains(number)
                            && !gone.contains(number)
                            && TestBlocks.matches(target, number))
                    .as("block %d, gone %s, seed %d", number, gone, seed)
                    .isTrue();
            case ReadOutcome.Absent _ -> lost += promised.contains(number) ? 1 : 0;
            case ReadOutcome.Damaged _ -> damaged++;
          }
        }
        long first = random.nextInt(NUMBERS);
        tier.remove(List.of(TestBlocks.key(first)));
        promised.remove(first);
        possible.add(first);
        gone.remove(first);
        tier.put(TestBlocks.blocks(arena, first, first + 1, PAYLOAD));
        assertThat(SsdFiles.bytesOnDisk(config.folder()))
            .as("seed %d", seed)
            .isLessThanOrEqualTo(config.capacityBytes());
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
