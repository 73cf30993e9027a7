package dev.varve.store.ssd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.store.BlockKey;
import dev.varve.store.ReadOutcome;
import dev.varve.store.TestBlocks;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Bits of the two roots through which LMDB finds its newest tree. LMDB lets older trees lie where
 * they were, whole until their pages are used again, so that a flipped bit there may lead to a
 * sound index of an hour ago.
 */
class SsdTierRootDamageTest {

  private static final int PAGE = 4096;

  /** From the main tree's root page on to the number of the transaction. */
  private static final int MAIN_ROOT = 128;

  private static final int END = 152;
  private static final int PAYLOAD = 200;
  private static final int NUMBERS = 120;

  @TempDir private Path folder;
  private final long seed = new SplittableRandom().nextLong();
  private final SplittableRandom random = new SplittableRandom(seed);
  private final Set<Long> held = new TreeSet<>();

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void findsWhatWasPutAndNothingElseWhicheverBitOfARootIsFlipped() throws IOException {
    flipOften(2, 40);
  }

  @Tag("slow")
  @Test
  @Timeout(value = 20, unit = TimeUnit.MINUTES)
  void findsWhatWasPutAndNothingElseWhicheverBitIsFlippedAtManyTimes() throws IOException {
    flipOften(8, 2 * (END - MAIN_ROOT) * 8);
  }

  private void flipOften(int times, int flips) throws IOException {
    Path store = folder.resolve("store");
    for (int time = 0; time < times; time++) {
      Path killed = Files.createDirectory(folder.resolve("killed" + time));
      try (SsdTier tier = open(store)) {
        for (int step = random.nextInt(30, 90); step > 0; step--) {
          change(tier);
        }
        SsdFiles.copyAsKilled(store, killed);
      }
      byte[] index = Files.readAllBytes(killed.resolve("index/data.mdb"));
      List<Integer> bits = new ArrayList<>();
      for (int bit = 0; bit < 2 * (END - MAIN_ROOT) * 8; bit++) {
        bits.add(bit);
      }
      Collections.shuffle(bits, new Random(random.nextLong()));
      for (int bit : bits.subList(0, flips)) {
        Path damaged = folder.resolve("damaged");
        SsdFiles.copyAsKilled(killed, damaged);
        damage(damaged.resolve("index/data.mdb"), index, bit);
        check(damaged, bit);
        SsdFiles.delete(damaged);
      }
    }
  }

  private static void damage(Path file, byte[] whole, int bit) throws IOException {
    int perRoot = (END - MAIN_ROOT) * 8;
    int at = bit / perRoot * PAGE + MAIN_ROOT + bit % perRoot / 8;
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      bytes.seek(at);
      bytes.write(whole[at] ^ 1 << bit % 8);
    }
  }

  private void change(SsdTier tier) {
    try (Arena arena = Arena.ofConfined()) {
      switch (random.nextInt(8)) {
        case 0 -> remove(tier, tier.reclaimable(1));
        case 1 -> remove(tier, List.of(TestBlocks.key(random.nextInt(NUMBERS))));
        case 2 -> tier.compact(0.8, random.nextInt(1 << 18));
        case 3 -> tier.sync();
        default -> {
          long from = random.nextInt(NUMBERS);
          long to = Math.min(NUMBERS, from + random.nextInt(1, 8));
          int count = tier.put(TestBlocks.blocks(arena, from, to, PAYLOAD));
          for (long number = from; number < from + count; number++) {
            held.add(number);
          }
        }
      }
    }
  }

  private void remove(SsdTier tier, List<BlockKey> keys) {
    tier.remove(keys);
    held.removeIf(number -> keys.contains(TestBlocks.key(number)));
  }

  private void check(Path store, int bit) {
    try (SsdTier tier = open(store);
        Arena arena = Arena.ofConfined()) {
      MemorySegment target = arena.allocate(PAYLOAD);
      Set<Long> found = new TreeSet<>();
      for (long number = 0; number < NUMBERS; number++) {
        if (tier.read(TestBlocks.key(number), target) instanceof ReadOutcome.Found) {
          assertThat(TestBlocks.matches(target, number)).as("seed %d", seed).isTrue();
          found.add(number);
        }
      }
      assertThat(found).as("bit %d, seed %d", bit, seed).isEqualTo(held);
      assertThat(tier.counters().damagedReads()).as("bit %d, seed %d", bit, seed).isZero();
    }
  }

  private static SsdTier open(Path store) {
    return SsdTier.open(new SsdTierConfig(store, 3L << 20, 60_000, new Durability.None()));
  }
}
