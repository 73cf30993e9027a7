package dev.varve.store.ssd;

import dev.varve.store.BlockKey;
import dev.varve.store.EncodedBlock;
import dev.varve.store.TestBlocks;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Child process of the tests: puts, removes, reclaims and compacts for ever. Says what it is about
 * to remove before it does, and what is put after it was.
 */
final class SsdChurnMain {

  static final int NUMBERS = 300;
  static final long CAPACITY = 3L << 20;

  private SsdChurnMain() {}

  static SsdTierConfig config(Path folder, String level) {
    return new SsdTierConfig(folder, CAPACITY, 400_000, Durability.parse(level));
  }

  /** Payload of block {@code number}. */
  static int bytes(long number) {
    return 1 + new SplittableRandom(~number).nextInt(40_000);
  }

  /**
   * Writes for ever, once a line comes in; arguments: folder, level, seed, folder to warm up in.
   */
  public static void main(String[] arguments) throws IOException {
    SplittableRandom random = new SplittableRandom(Long.parseLong(arguments[2]));
    try (SsdTier tier = SsdTier.open(config(Path.of(arguments[3]), arguments[1]))) {
      tier.work();
    }
    System.in.read();
    try (SsdTier tier = SsdTier.open(config(Path.of(arguments[0]), arguments[1]))) {
      System.out.println("open");
      while (true) {
        step(tier, random);
      }
    }
  }

  private static void step(SsdTier tier, SplittableRandom random) {
    switch (random.nextInt(10)) {
      case 0 -> remove(tier, tier.reclaimable(1));
      case 1 -> remove(tier, List.of(TestBlocks.key(random.nextInt(NUMBERS))));
      case 2 -> {
        tier.compact(0.8, random.nextInt(1 << 20));
        System.out.println("compacted");
      }
      default -> put(tier, random.nextInt(NUMBERS), random.nextInt(1, 8));
    }
    tier.work();
  }

  private static void put(SsdTier tier, long from, int count) {
    try (Arena arena = Arena.ofConfined()) {
      List<EncodedBlock> blocks = new ArrayList<>();
      for (long number = from; number < Math.min(NUMBERS, from + count); number++) {
        blocks.add(TestBlocks.block(arena, number, bytes(number)));
      }
      int stored = tier.put(blocks);
      StringBuilder line = new StringBuilder("put");
      for (int i = 0; i < stored; i++) {
        line.append(' ').append(from + i);
      }
      System.out.println(line);
      if (stored < blocks.size()) {
        remove(tier, tier.reclaimable(200_000));
      }
    }
  }

  private static void remove(SsdTier tier, List<BlockKey> keys) {
    StringBuilder line = new StringBuilder("removing");
    for (BlockKey key : keys) {
      line.append(' ').append(number(key));
    }
    System.out.println(line);
    tier.remove(keys);
  }

  /** The number of a block of {@link TestBlocks}. */
  static long number(BlockKey key) {
    for (long number = 0; number < NUMBERS; number++) {
      if (TestBlocks.key(number).equals(key)) {
        return number;
      }
    }
    throw new IllegalArgumentException("no block of the test: " + key);
  }
}
