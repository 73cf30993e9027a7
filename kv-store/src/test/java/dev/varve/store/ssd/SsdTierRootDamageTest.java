package dev.varve.store.ssd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.store.BlockKey;
import dev.varve.store.ReadOutcome;
import dev.varve.store.TestBlocks;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
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
import java.util.stream.LongStream;
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
    flipOften(3, 120);
  }

  /**
   * Half of a batch lies in a segment that is given up once the index has named the batch. In a
   * tree from before that the batch is not named, and its records are no whole batch any more.
   */
  @Test
  void servesABatchOfWhichHalfWasRemovedWhicheverOlderTreeTheRootsLeadTo() throws IOException {
    Path store = folder.resolve("store");
    Path killed = Files.createDirectory(folder.resolve("killed"));
    int payload = 5_000;
    long segment = 4 * SegmentRecordDescriptor.footprint(payload);
    SsdTierConfig config = new SsdTierConfig(store, 3L << 20, segment, new Durability.None());
    try (SsdTier tier = SsdTier.open(config);
        Arena arena = Arena.ofConfined()) {
      tier.put(TestBlocks.blocks(arena, 0, 2, payload));
      tier.sync();
      assertThat(tier.put(TestBlocks.blocks(arena, 2, 7, payload))).isEqualTo(5);
      assertThat(tier.remove(LongStream.range(0, 4).mapToObj(TestBlocks::key).toList()))
          .isEqualTo(4);
      SsdFiles.copyAsKilled(store, killed);
    }
    List<Integer> trees = mainTrees(Files.readAllBytes(killed.resolve("index/data.mdb")));
    assertThat(trees).hasSizeGreaterThan(2);
    for (int root : trees) {
      Path damaged = folder.resolve("damaged");
      SsdFiles.copyAsKilled(killed, damaged);
      try (RandomAccessFile bytes =
          new RandomAccessFile(damaged.resolve("index/data.mdb").toFile(), "rw")) {
        for (int page = 0; page < 2; page++) {
          bytes.seek((long) page * PAGE + MAIN_ROOT);
          bytes.write(root);
        }
      }
      try (SsdTier tier = open(damaged);
          Arena arena = Arena.ofConfined()) {
        for (long number = 0; number < 7; number++) {
          assertThat(tier.read(TestBlocks.key(number), arena.allocate(payload)))
              .as("block %d by the tree of page %d", number, root)
              .isInstanceOf(number < 4 ? ReadOutcome.Absent.class : ReadOutcome.Found.class);
        }
      }
      SsdFiles.delete(damaged);
    }
  }

  /** Pages that are, or were, the one leaf of LMDB's tree of databases. */
  private static List<Integer> mainTrees(byte[] index) {
    List<Integer> pages = new ArrayList<>();
    for (int page = 2; page < index.length / PAGE; page++) {
      String text = new String(index, page * PAGE, PAGE, StandardCharsets.ISO_8859_1);
      if (text.contains("places") && text.contains("state") && text.contains("removals")) {
        pages.add(page);
      }
    }
    return pages;
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
