package dev.varve.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.store.Tier;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParallelSessionsTest {

  private static final int THREADS = 6;
  private static final int ROUNDS = 25;
  private static final int PROMPTS = 8;
  private static final int LENGTH = 200;

  private final SyntheticEngine engine = new SyntheticEngine(Shapes.PLAIN);

  @TempDir Path folder;

  @Test
  void everySessionGetsTheBitsOfAnUndisturbedOne() throws Exception {
    long seed = 424242;
    int[][] prompts = prompts(seed);
    float[][][] expected = new float[PROMPTS][][];
    try (KvCache roomy = KvCache.open(config().hot(400 * 4096).build())) {
      for (int i = 0; i < PROMPTS; i++) {
        try (KvSession session = roomy.openSession()) {
          expected[i] = engine.run(session, prompts[i], LENGTH);
        }
      }
    }
    CacheConfig tight = config().hot(64 * 4096).host(40 * 2 * 4096).ssd(folder, 3 << 20).build();
    try (KvCache cache = KvCache.open(tight);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      List<Callable<Integer>> work = new ArrayList<>();
      for (int t = 0; t < THREADS; t++) {
        SplittableRandom random = new SplittableRandom(seed + t);
        work.add(() -> run(cache, prompts, expected, random));
      }
      int reused = 0;
      for (Future<Integer> done : threads.invokeAll(work)) {
        reused += done.get();
      }
      assertThat(reused).as("tokens reused, seed %d", seed).isPositive();
      CacheStats stats = cache.stats();
      assertThat(stats.lostBlocks()).isZero();
      assertThat(stats.tier(Tier.HOT).usedBytes())
          .as("every slot but those of sealed blocks was given back")
          .isEqualTo(stats.tier(Tier.HOT).blocks() * 4096);
    }
  }

  private int run(KvCache cache, int[][] prompts, float[][][] expected, SplittableRandom random) {
    int reused = 0;
    for (int round = 0; round < ROUNDS; round++) {
      int which = random.nextInt(PROMPTS);
      try (KvSession session = cache.openSession()) {
        int skip = session.reuse(prompts[which]);
        reused += skip;
        int[] rest = Arrays.copyOfRange(prompts[which], skip, LENGTH);
        float[][] last = engine.run(session, rest, 1 + random.nextInt(32));
        assertThat(last)
            .as("prompt %d after %d reused tokens", which, skip)
            .isDeepEqualTo(expected[which]);
        if (random.nextBoolean()) {
          session.endTurn();
        }
      }
    }
    return reused;
  }

  /** Prompts that share fronts of different length. */
  private static int[][] prompts(long seed) {
    int[][] prompts = new int[PROMPTS][];
    for (int i = 0; i < PROMPTS; i++) {
      prompts[i] = SyntheticEngine.tokens(seed, LENGTH);
      int fork = 25 * i;
      int[] own = SyntheticEngine.tokens(seed + 1 + i, LENGTH);
      System.arraycopy(own, fork, prompts[i], fork, LENGTH - fork);
    }
    return prompts;
  }

  private static CacheConfig.Builder config() {
    return CacheConfig.of(Shapes.PLAIN, "model").blockTokens(32);
  }
}
