package dev.varve.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A tier beside a plain map: random changes by one thread, reads by others all the while. */
public abstract class BlockTierStressContract {

  private static final int NUMBERS = 200;
  private static final int CHANGES = 400;
  private static final int READERS = 3;
  private static final int LARGEST = 20_000;

  private final long seed = new SplittableRandom().nextLong();
  private final Map<Long, BlockHeader> expected = new TreeMap<>();
  private final AtomicBoolean done = new AtomicBoolean();
  private final AtomicLong found = new AtomicLong();

  /** Opens an empty tier for payloads up to {@code largestPayload}. */
  protected abstract BlockTier open(long capacityBytes, int largestPayload);

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void agreesWithAPlainMapWhileOthersRead() throws Exception {
    try (BlockTier tier = open(1_500_000, LARGEST);
        ExecutorService readers = Executors.newFixedThreadPool(READERS)) {
      List<Future<?>> reading = new ArrayList<>();
      for (int reader = 0; reader < READERS; reader++) {
        SplittableRandom random = new SplittableRandom(seed + reader + 1);
        reading.add(readers.submit(() -> readUntilDone(tier, random)));
      }
      try {
        SplittableRandom random = new SplittableRandom(seed);
        for (int change = 0; change < CHANGES; change++) {
          change(tier, random);
          agree(tier, random);
        }
      } finally {
        done.set(true);
      }
      for (Future<?> reader : reading) {
        reader.get();
      }
      assertThat(found.get()).as("blocks found by readers, seed %d", seed).isPositive();
    }
  }

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void closesUnderItsReadersWithoutHarm() throws Exception {
    try (Arena arena = Arena.ofShared();
        ExecutorService readers = Executors.newFixedThreadPool(READERS)) {
      BlockTier tier = open(1_500_000, LARGEST);
      tier.put(List.of(TestBlocks.block(arena, 0, bytes(0)), TestBlocks.block(arena, 1, bytes(1))));
      CountDownLatch reading = new CountDownLatch(READERS);
      List<Future<String>> ends = new ArrayList<>();
      for (int reader = 0; reader < READERS; reader++) {
        ends.add(readers.submit(() -> readUntilClosed(tier, reading)));
      }
      reading.await();
      tier.close();
      for (Future<String> end : ends) {
        assertThat(end.get()).contains("closed");
      }
    }
  }

  private String readUntilClosed(BlockTier tier, CountDownLatch reading) {
    try {
      for (long round = 0; ; round++) {
        assertThat(reads(tier, round % 3)).isEqualTo(round % 3 < 2);
        tier.with(
            TestBlocks.key(0),
            (header, payload) -> assertThat(TestBlocks.matches(payload, 0)).isTrue());
        reading.countDown();
      }
    } catch (IllegalStateException e) {
      return String.valueOf(e.getMessage());
    } finally {
      reading.countDown();
    }
  }

  private void change(BlockTier tier, SplittableRandom random) {
    switch (random.nextInt(4)) {
      case 0, 1 -> put(tier, random);
      case 2 -> remove(tier, random);
      default -> {
        if (random.nextInt(4) == 0) {
          List<BlockKey> keys = tier.reclaimable(random.nextLong(400_000));
          assertThat(tier.remove(keys)).as("seed %d", seed).isEqualTo(keys.size());
          expected.values().removeIf(header -> keys.contains(header.key()));
        }
      }
    }
  }

  private void put(BlockTier tier, SplittableRandom random) {
    try (Arena arena = Arena.ofConfined()) {
      List<EncodedBlock> blocks = new ArrayList<>();
      List<Long> numbers = new ArrayList<>();
      for (int i = random.nextInt(1, 12); i > 0; i--) {
        long number = random.nextLong(NUMBERS);
        numbers.add(number);
        blocks.add(TestBlocks.block(arena, number, bytes(number)));
      }
      int count = tier.put(blocks);
      for (int i = 0; i < count; i++) {
        expected.put(numbers.get(i), blocks.get(i).header());
      }
      if (count < blocks.size()) {
        long need = tier.footprint(blocks.get(count).header().payloadBytes());
        TierUsage usage = tier.usage();
        assertThat(usage.usedBytes() + need)
            .as("refused with room for it, seed %d", seed)
            .isGreaterThan(usage.capacityBytes() * 8 / 10);
      }
    }
  }

  private void remove(BlockTier tier, SplittableRandom random) {
    List<BlockKey> keys = new ArrayList<>();
    int held = 0;
    for (int i = random.nextInt(1, 6); i > 0; i--) {
      long number = random.nextLong(NUMBERS);
      keys.add(TestBlocks.key(number));
      held += expected.remove(number) == null ? 0 : 1;
    }
    assertThat(tier.remove(keys)).as("seed %d", seed).isEqualTo(held);
  }

  private void agree(BlockTier tier, SplittableRandom random) {
    List<BlockHeader> headers = new ArrayList<>();
    tier.forEach(headers::add);
    assertThat(headers).as("seed %d", seed).containsExactlyInAnyOrderElementsOf(expected.values());
    assertThat(tier.usage().blocks()).as("seed %d", seed).isEqualTo(expected.size());
    assertThat(tier.usage().payloadBytes())
        .as("seed %d", seed)
        .isEqualTo(expected.values().stream().mapToLong(BlockHeader::payloadBytes).sum());
    assertThat(tier.usage().usedBytes())
        .as("seed %d", seed)
        .isLessThanOrEqualTo(tier.usage().capacityBytes());
    long number = random.nextLong(NUMBERS);
    assertThat(reads(tier, number)).as("seed %d", seed).isEqualTo(expected.containsKey(number));
  }

  private void readUntilDone(BlockTier tier, SplittableRandom random) {
    while (!done.get()) {
      if (reads(tier, random.nextLong(NUMBERS))) {
        found.incrementAndGet();
      }
    }
  }

  private boolean reads(BlockTier tier, long number) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment target = arena.allocate(LARGEST);
      return switch (tier.read(TestBlocks.key(number), target)) {
        case ReadOutcome.Absent() -> false;
        case ReadOutcome.Damaged(String reason) ->
            throw new AssertionError("block " + number + ": " + reason + ", seed " + seed);
        case ReadOutcome.Found(BlockHeader header) -> {
          assertThat(header.payloadBytes()).as("seed %d", seed).isEqualTo(bytes(number));
          assertThat(TestBlocks.matches(target.asSlice(0, header.payloadBytes()), number))
              .as("bytes of block %d, seed %d", number, seed)
              .isTrue();
          yield true;
        }
      };
    }
  }

  private static int bytes(long number) {
    return 1 + new SplittableRandom(~number).nextInt(LARGEST);
  }
}
