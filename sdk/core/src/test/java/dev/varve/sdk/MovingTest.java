package dev.varve.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.offload.Prefetch;
import dev.varve.offload.Prefetch.State;
import dev.varve.offload.Watermarks;
import dev.varve.store.Tier;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class MovingTest {

  private static final long SLOT = 4096;
  private static final int LENGTH = 300;

  private final SyntheticEngine engine = new SyntheticEngine(Shapes.PLAIN);
  private final List<Thread> made = new CopyOnWriteArrayList<>();
  private final ThreadFactory factory =
      duty -> {
        Thread thread = Thread.ofPlatform().name("mover").unstarted(duty);
        made.add(thread);
        return thread;
      };

  @TempDir Path folder;

  @Test
  void theThreadRunsFromOpenToCloseAndOnlyWhereTheConfigNamesOne() throws InterruptedException {
    KvCache.open(config(20).build()).close();
    assertThat(made).isEmpty();
    KvCache cache = KvCache.open(config(20).mover(MoverConfig.on(factory)).build());
    assertThat(made).hasSize(1).allMatch(Thread::isAlive);
    cache.close();
    made.getFirst().join();
  }

  @Test
  void theThreadKeepsHotMemoryBelowItsMark() throws InterruptedException {
    MoverConfig mover = MoverConfig.on(factory).with(Tier.HOT, new Watermarks(0.25, 0.5));
    int[] text = SyntheticEngine.tokens(3, LENGTH);
    try (KvCache cache = KvCache.open(config(60).host(200 * 2 * SLOT).mover(mover).build());
        KvSession session = cache.openSession()) {
      engine.run(session, text, 32);
      while (cache.stats().tier(Tier.HOT).usedBytes() > 30 * SLOT) {
        Thread.sleep(1);
      }
      assertThat(cache.stats().tier(Tier.HOST).blocks()).isPositive();
      assertThat(cache.stats().mover().agentFailures()).isZero();
    }
  }

  @RepeatedTest(5)
  void closingInTheMiddleOfMovingKeepsWhatWasSealed() {
    int[] text = SyntheticEngine.tokens(9, LENGTH);
    MoverConfig mover = MoverConfig.on(factory).with(Tier.HOT, new Watermarks(0.1, 0.2));
    CacheConfig config = config(60).host(20 * 2 * SLOT).ssd(folder, 64 << 20).mover(mover).build();
    float[][] expected;
    try (KvCache cache = KvCache.open(config);
        KvSession session = cache.openSession()) {
      expected = engine.run(session, text, 100);
      session.prefetch(text);
    }
    try (KvCache cache = KvCache.open(config);
        KvSession session = cache.openSession()) {
      assertThat(session.reuse(text)).isEqualTo(288);
      int[] rest = Arrays.copyOfRange(text, 288, LENGTH);
      assertThat(engine.run(session, rest, 5)).isDeepEqualTo(expected);
    }
  }

  @Test
  void anAnnouncedPromptIsReadWithoutFarReads() {
    int[] text = SyntheticEngine.tokens(5, LENGTH);
    float[][] expected = storeOnSsd(text);
    try (KvCache cache = KvCache.open(config(60).ssd(folder, 64 << 20).build());
        KvSession session = cache.openSession()) {
      Prefetch prefetch = session.prefetch(text);
      assertThat(prefetch.progress().beyondLimit()).as("27 blocks, 15 may come").isEqualTo(12);
      while (cache.work() > 0) {
        assertThat(cache.stats().lostBlocks()).isZero();
      }
      assertThat(prefetch.progress().state()).isEqualTo(State.COMPLETE);
      assertThat(cache.stats().mover().prefetched()).isEqualTo(15);
      assertThat(cache.stats().tier(Tier.SSD).blocks()).as("lower copies stay").isEqualTo(27);
      assertThat(session.reuse(text)).isEqualTo(288);
      int[] rest = Arrays.copyOfRange(text, 288, LENGTH);
      assertThat(engine.run(session, rest, 5)).isDeepEqualTo(expected);
      assertThat(cache.stats().tier(Tier.SSD).reads()).as("each block once").isEqualTo(27);
    }
  }

  @Test
  void closingOrTruncatingASessionCancelsWhatItAnnounced() {
    int[] text = SyntheticEngine.tokens(5, LENGTH);
    storeOnSsd(text);
    try (KvCache cache = KvCache.open(config(60).ssd(folder, 64 << 20).build())) {
      long before = cache.stats().tier(Tier.HOT).usedBytes();
      Prefetch first;
      try (KvSession session = cache.openSession()) {
        first = session.prefetch(text);
        assertThat(first.progress().state()).isEqualTo(State.RUNNING);
        session.truncate(0);
        assertThat(first.progress().state()).isEqualTo(State.CANCELLED);
        first = session.prefetch(text);
      }
      assertThat(first.progress().state()).isEqualTo(State.CANCELLED);
      assertThat(cache.work()).isZero();
      assertThat(cache.stats().tier(Tier.HOT).usedBytes()).isEqualTo(before);
    }
  }

  @Test
  void aStepThatReadsFarBlocksGetsTheSameBitsWhoeverReadsThem() {
    int[] text = SyntheticEngine.tokens(5, LENGTH);
    float[][] expected = storeOnSsd(text);
    // Room for the growing blocks, and for a few that are read ahead.
    CacheConfig tight = config(20).ssd(folder, 64 << 20).mover(MoverConfig.on(factory)).build();
    try (KvCache cache = KvCache.open(tight)) {
      long ahead = 0;
      for (int round = 0; round < 200 && ahead == 0; round++) {
        try (KvSession session = cache.openSession()) {
          int reused = session.reuse(text);
          float[][] last = engine.run(session, Arrays.copyOfRange(text, reused, LENGTH), 3);
          assertThat(last).isDeepEqualTo(expected);
        }
        ahead = cache.stats().mover().readAhead();
      }
      assertThat(ahead).as("far blocks that were read ahead").isPositive();
      assertThat(cache.stats().lostBlocks()).isZero();
      assertEverySlotIsAccountedFor(cache);
    }
  }

  @Test
  void sessionsPrefetchesAndTheMoverSideBySideLoseNothing() throws Exception {
    long seed = 77_001;
    int threads = 6;
    int[][] prompts = new int[6][];
    float[][][] expected = new float[prompts.length][][];
    try (KvCache roomy = KvCache.open(config(400).build())) {
      for (int i = 0; i < prompts.length; i++) {
        prompts[i] = SyntheticEngine.tokens(seed + i / 2, 200);
        Arrays.fill(prompts[i], 90, 130, i);
        try (KvSession session = roomy.openSession()) {
          expected[i] = engine.run(session, prompts[i], 200);
        }
      }
    }
    MoverConfig mover = MoverConfig.on(factory).with(Tier.HOT, new Watermarks(0.5, 0.7));
    CacheConfig tight = config(64).host(40 * 2 * SLOT).ssd(folder, 3 << 20).mover(mover).build();
    try (KvCache cache = KvCache.open(tight);
        ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      List<Callable<Integer>> work = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        SplittableRandom random = new SplittableRandom(seed + t);
        work.add(() -> run(cache, prompts, expected, random));
      }
      int reused = 0;
      for (Future<Integer> done : executor.invokeAll(work)) {
        reused += done.get();
      }
      assertThat(reused).as("tokens reused, seed %d", seed).isPositive();
      CacheStats stats = cache.stats();
      assertThat(stats.lostBlocks()).isZero();
      assertThat(stats.mover().agentFailures()).isZero();
      assertThat(stats.mover().prefetched()).isPositive();
      assertEverySlotIsAccountedFor(cache);
    }
    made.getFirst().join();
  }

  private int run(KvCache cache, int[][] prompts, float[][][] expected, SplittableRandom random) {
    int reused = 0;
    for (int round = 0; round < 25; round++) {
      int which = random.nextInt(prompts.length);
      Prefetch loose = cache.prefetch(prompts[random.nextInt(prompts.length)]);
      try (KvSession session = cache.openSession()) {
        session.prefetch(prompts[which]);
        if (random.nextBoolean()) {
          loose.cancel();
        }
        int skip = session.reuse(prompts[which]);
        reused += skip;
        int[] rest = Arrays.copyOfRange(prompts[which], skip, 200);
        float[][] last = engine.run(session, rest, 1 + random.nextInt(32));
        assertThat(last)
            .as("prompt %d after %d tokens", which, skip)
            .isDeepEqualTo(expected[which]);
        if (random.nextBoolean()) {
          session.endTurn();
        }
      }
      loose.cancel();
      cache.work();
    }
    return reused;
  }

  /** Waits for the one block that the mover's thread may be reading, then counts. */
  private static void assertEverySlotIsAccountedFor(KvCache cache) {
    long deadline = System.nanoTime() + 10_000_000_000L;
    CacheStats.TierStats hot = cache.stats().tier(Tier.HOT);
    while (hot.usedBytes() != hot.blocks() * SLOT && System.nanoTime() < deadline) {
      Thread.onSpinWait();
      hot = cache.stats().tier(Tier.HOT);
    }
    assertThat(hot.usedBytes())
        .as("every slot but those of sealed blocks was given back")
        .isEqualTo(hot.blocks() * SLOT);
  }

  private float[][] storeOnSsd(int[] text) {
    try (KvCache cache = KvCache.open(config(60).ssd(folder, 64 << 20).build());
        KvSession session = cache.openSession()) {
      return engine.run(session, text, 50);
    }
  }

  private static CacheConfig.Builder config(int slots) {
    return CacheConfig.of(Shapes.PLAIN, "model").blockTokens(32).hot(slots * SLOT);
  }
}
