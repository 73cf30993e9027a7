package dev.varve.offload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.store.Chunk;
import dev.varve.store.StoreException;
import dev.varve.store.Tier;
import dev.varve.store.hot.BlockLease;
import dev.varve.store.hot.HotPool;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Timeout;

/**
 * Threads that seal, read, persist, prefetch and let go, over tiers that are too small and fail.
 */
@Timeout(120)
class MoverStressTest {

  private static final int THREADS = 4;
  private static final int ROUNDS = 400;
  private static final int HELD = 3;
  private static final RetryLimits IMPATIENT =
      new RetryLimits(16, 3, Duration.ofNanos(100), Duration.ofNanos(10_000));

  private final MapTier host = new MapTier(Tier.HOST, 40);
  private final MapTier ssd = new MapTier(Tier.SSD, 120);

  private double error;

  @RepeatedTest(5)
  void claimedBlocksKeepTheirBytesAndNothingLeaks(RepetitionInfo repetition) throws Exception {
    run("", 9_000L + repetition.getCurrentRepetition());
  }

  @RepeatedTest(5)
  void encodedBlocksStayWithinTheBoundOfOneEncoding(RepetitionInfo repetition) throws Exception {
    error = 0.04;
    run("host=int8 ssd=fp8", 9_500L + repetition.getCurrentRepetition());
  }

  @RepeatedTest(3)
  void exactEncodingsKeepEveryBit(RepetitionInfo repetition) throws Exception {
    int number = repetition.getCurrentRepetition();
    String[] encodings = {"host=lossless", "ssd=lossless", "host=lossless ssd=lossless"};
    run(encodings[number - 1], 9_800L + number);
  }

  @RepeatedTest(3)
  void blocksOfOneEncodingStayWithinItsBound(RepetitionInfo repetition) throws Exception {
    error = 0.004;
    run("host=int8 ssd=int8", 9_700L + repetition.getCurrentRepetition());
  }

  private void run(String encodings, long seed) throws Exception {
    MoveSettings settings =
        new MoveSettings(Map.of(Tier.HOT, new Watermarks(0.4, 0.6)), IMPATIENT, 0.5, 2);
    try (SmallCache cache = new SmallCache(encodings, 32, settings, host, ssd);
        ExecutorService executor = Executors.newFixedThreadPool(THREADS + 1)) {
      Agent agent =
          new Agent(
              () -> cache.prefetcher.readAhead() + cache.mover.work() + cache.prefetcher.work(),
              cache.doorbell,
              cache.counters);
      Future<?> running = executor.submit(agent);
      int sealed = 0;
      try {
        sealed = workOf(cache, executor, seed);
      } finally {
        agent.close();
      }
      running.get();
      cache.prefetcher.close();
      assertThat(sealed).as("chunks sealed, seed %d", seed).isGreaterThan(THREADS * HELD);
      assertThat(cache.counters.agentFailures()).as("seed %d", seed).isZero();
      assertThat(cache.counters.lost()).as("seed %d", seed).isZero();
      assertNothingLeaked(cache, seed);
    }
  }

  private int workOf(SmallCache cache, ExecutorService executor, long seed) throws Exception {
    List<Callable<Integer>> work = new ArrayList<>();
    for (int t = 0; t < THREADS; t++) {
      int thread = t;
      work.add(() -> run(cache, thread, new SplittableRandom(seed + 100L * thread)));
    }
    int sealed = 0;
    for (Future<Integer> done : executor.invokeAll(work)) {
      sealed += done.get();
    }
    return sealed;
  }

  private int run(SmallCache cache, int thread, SplittableRandom random) {
    Map<Integer, Chunk> held = new TreeMap<>();
    int sealed = 0;
    for (int round = 0; round < ROUNDS; round++) {
      int mark = 1 + thread + THREADS * random.nextInt(40);
      @Nullable Chunk chunk = held.containsKey(mark) ? null : cache.claimedChunkIfRoom(mark);
      if (chunk != null) {
        held.put(mark, chunk);
        sealed++;
      }
      held.forEach((of, claimed) -> assertReadable(cache, claimed, of));
      disturb(cache, held, random);
      if (held.size() > HELD || (chunk == null && !held.isEmpty())) {
        int first = held.keySet().iterator().next();
        Objects.requireNonNull(held.remove(first)).unclaim();
      }
    }
    held.values().forEach(Chunk::unclaim);
    return sealed;
  }

  private void disturb(SmallCache cache, Map<Integer, Chunk> held, SplittableRandom random) {
    List<Chunk> chunks = List.copyOf(held.values());
    switch (random.nextInt(8)) {
      case 0 -> ssd.breakDown();
      case 1, 2 -> ssd.repair();
      case 3 -> {
        try {
          assertThat(cache.mover.persist(chunks)).isNotNegative();
        } catch (StoreException e) {
          assertThat(e).hasMessageContaining("disk is full");
        }
      }
      case 4 -> {
        Prefetch prefetch =
            cache.prefetcher.start(SmallCache.claim(chunks), SmallCache.places(chunks));
        if (random.nextBoolean()) {
          prefetch.cancel();
        }
      }
      case 5 -> {
        try (ReadAhead ahead = cache.prefetcher.newReadAhead()) {
          ahead.expect(SmallCache.places(chunks));
          for (Place place : SmallCache.places(chunks)) {
            long slot = ahead.take(place);
            if (slot != HotPool.NO_SLOT) {
              cache.pool.discard(slot);
            }
          }
        }
      }
      default -> cache.mover.work();
    }
  }

  private void assertReadable(SmallCache cache, Chunk chunk, int mark) {
    try (Arena arena = Arena.ofConfined()) {
      for (int layer = 0; layer < SmallCache.LAYERS; layer++) {
        MemorySegment bytes = arena.allocate(4096);
        assertThat(read(cache, chunk, layer, bytes)).as("%s, %d", chunk, layer).isTrue();
        assertThat(bytes.get(ValueLayout.JAVA_INT, 0)).isEqualTo(mark * 10 + layer);
        float[] elements = bytes.asSlice(0, 2048).toArray(ValueLayout.JAVA_FLOAT);
        for (int at = 1; at < elements.length; at++) {
          double off = elements[at] - SmallCache.element(mark, layer, at);
          if (!(Math.abs(off) <= error)) {
            assertThat(off).as("%s, layer %d, element %d", chunk, layer, at).isZero();
          }
        }
      }
    }
  }

  /** As a session reads: where a block becomes hot while it is looked for below, again in HOT. */
  private static boolean read(SmallCache cache, Chunk chunk, int layer, MemorySegment bytes) {
    BlockFetcher fetcher = new BlockFetcher(cache.tiers, cache.counters);
    BlockLease lease = cache.pool.newLease();
    while (chunk.anywhere(layer)) {
      long handle = chunk.hotHandle(layer);
      if (handle != Chunk.NOT_HOT && lease.take(handle)) {
        bytes.copyFrom(lease.bytes().asSlice(0, 4096));
        lease.close();
        return true;
      }
      if (fetcher.read(chunk, layer, bytes).isPresent()) {
        return true;
      }
    }
    return false;
  }

  /** What the catalog says is what the tiers hold, and nobody holds anything else. */
  private void assertNothingLeaked(SmallCache cache, long seed) {
    Map<Tier, Integer> blocks = new EnumMap<>(Tier.class);
    cache
        .tiers
        .catalog()
        .forEach(chunk -> {
          assertThat(chunk.claimed()).as("%s, seed %d", chunk, seed).isFalse();
          for (int layer = 0; layer < SmallCache.LAYERS; layer++) {
            for (Tier tier : Tier.values()) {
              blocks.merge(tier, chunk.in(tier, layer) ? 1 : 0, Integer::sum);
            }
          }
        });
    assertThat(blocks)
        .as("hot, host, ssd; seed %d", seed)
        .containsEntry(Tier.HOT, cache.pool.slotCount() - cache.pool.freeSlots())
        .containsEntry(Tier.HOST, (int) host.usage().blocks())
        .containsEntry(Tier.SSD, (int) ssd.usage().blocks());
  }
}
