package dev.varve.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.store.LayerShape;
import dev.varve.store.Tenant;
import dev.varve.store.Tier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many sessions at a time over tiers that are all too small, beside a plain set of what was stored:
 * nothing is found that nobody stored, and every block that is found has the bits of its tokens.
 */
class ManySessionsTest {

  private static final int SESSIONS = 64;
  private static final int ROUNDS = 14;
  private static final int PROMPTS = 40;
  private static final int SPAN = 32;
  private static final int LENGTH = 6 * SPAN + 9;
  private static final long SLOT = 4096;
  private static final long SEED = 20_261_121;

  private final SyntheticEngine engine = new SyntheticEngine(Shapes.PLAIN);
  private final Set<String> stored = ConcurrentHashMap.newKeySet();
  private final AtomicLong checkedBlocks = new AtomicLong();
  private final List<Tenant> tenants =
      List.of(
          Tenant.NONE,
          Tenant.of(bytes("key"), bytes("one")),
          Tenant.of(bytes("key"), bytes("two")));
  private final int[][] prompts = prompts();

  @TempDir Path folder;

  @Test
  void everyAnswerAgreesWithAPlainSet() throws Exception {
    try (KvCache cache = KvCache.open(config());
        ExecutorService threads = Executors.newFixedThreadPool(SESSIONS)) {
      List<Callable<Boolean>> work = new ArrayList<>();
      for (int i = 0; i < SESSIONS; i++) {
        SplittableRandom random = new SplittableRandom(SEED + i);
        work.add(() -> run(cache, random));
      }
      for (Future<Boolean> done : threads.invokeAll(work)) {
        assertThat(done.get()).as("seed %d", SEED).isTrue();
      }
      CacheStats stats = cache.stats();
      assertThat(stats.lostBlocks()).isZero();
      assertThat(stats.tier(Tier.HOT).usedBytes())
          .as("every slot but those of sealed blocks was given back")
          .isEqualTo(stats.tier(Tier.HOT).blocks() * SLOT);
    }
    assertThat(checkedBlocks.get()).as("blocks checked, seed %d", SEED).isGreaterThan(1000);
    long before = checkedBlocks.get();
    try (KvCache cache = KvCache.open(config())) {
      for (Tenant tenant : tenants) {
        for (int[] prompt : prompts) {
          match(cache, tenant, prompt);
        }
      }
    }
    assertThat(checkedBlocks.get()).as("found after a restart").isGreaterThan(before);
  }

  private boolean run(KvCache cache, SplittableRandom random) {
    for (int round = 0; round < ROUNDS; round++) {
      Tenant tenant = tenants.get(random.nextInt(tenants.size()));
      int[] prompt = prompts[random.nextInt(PROMPTS)];
      switch (random.nextInt(4)) {
        case 0 -> store(cache, tenant, Arrays.copyOf(prompt, random.nextInt(1, LENGTH + 1)));
        case 1 -> decode(cache, tenant, prompt, random);
        case 2 -> cache.work();
        default -> match(cache, tenant, prompt);
      }
    }
    return true;
  }

  private void store(KvCache cache, Tenant tenant, int[] tokens) {
    note(tenant, tokens);
    List<LayerTensors> layers = new ArrayList<>();
    for (int layer = 0; layer < Shapes.PLAIN.layerCount(); layer++) {
      layers.add(new LayerTensors(engine.keys(layer, tokens, 0), engine.values(layer, tokens, 0)));
    }
    assertThat(cache.store(tenant, tokens, layers)).isEqualTo(tokens.length / SPAN * SPAN);
  }

  private void decode(KvCache cache, Tenant tenant, int[] prompt, SplittableRandom random) {
    try (KvSession session = cache.openSession(tenant)) {
      int reused = session.reuse(prompt);
      checkKnown(tenant, prompt, reused / SPAN * SPAN);
      note(tenant, prompt);
      while (session.length() < prompt.length) {
        int from = session.length();
        int to = Math.min(prompt.length, from + random.nextInt(1, SPAN + 1));
        append(session, Arrays.copyOfRange(prompt, from, to));
      }
      assertThat(session.tokenIds()).isEqualTo(prompt);
      if (random.nextBoolean()) {
        session.endTurn();
      }
    }
  }

  private void append(KvSession session, int[] tokens) {
    int position = session.length();
    try (Step step = session.begin(tokens, false)) {
      for (int layer = 0; layer < Shapes.PLAIN.layerCount(); layer++) {
        step.append(
            layer, engine.keys(layer, tokens, position), engine.values(layer, tokens, position));
      }
      step.end();
    }
  }

  private void match(KvCache cache, Tenant tenant, int[] prompt) {
    try (PrefixMatch match = cache.match(tenant, prompt)) {
      int tokens = match.tokens();
      checkKnown(tenant, prompt, tokens);
      for (int layer = 0; tokens > 0 && layer < Shapes.PLAIN.layerCount(); layer++) {
        LayerShape shape = Shapes.PLAIN.layers().get(layer);
        float[] keys = new float[tokens * shape.kvHeads() * shape.keyDim()];
        float[] values = new float[tokens * shape.kvHeads() * shape.valueDim()];
        LayerTensors target =
            new LayerTensors(
                EngineTensor.of(keys, tokens, shape.kvHeads(), shape.keyDim()),
                EngineTensor.of(values, tokens, shape.kvHeads(), shape.valueDim()));
        assertThat(match.load(layer, 0, tokens, target)).isEqualTo(new LoadResult.Complete(tokens));
        checkRows(1, layer, prompt, keys);
        checkRows(2, layer, prompt, values);
        checkedBlocks.addAndGet(tokens / SPAN);
      }
    }
  }

  private static void checkRows(int kind, int layer, int[] prompt, float[] rows) {
    LayerShape shape = Shapes.PLAIN.layers().get(layer);
    int dim = kind == 1 ? shape.keyDim() : shape.valueDim();
    for (int at = 0; at < rows.length; at++) {
      int token = at / (shape.kvHeads() * dim);
      int head = at / dim % shape.kvHeads();
      float expected =
          SyntheticEngine.element(
              kind, layer, prompt[token], token, head, at % dim, shape.kvHeads());
      if (rows[at] != expected) {
        assertThat(rows[at])
            .as("layer %d, token %d, element %d, seed %d", layer, token, at % dim, SEED)
            .isEqualTo(expected);
      }
    }
  }

  /** Whoever finds a chunk finds what was noted before it was sealed. */
  private void checkKnown(Tenant tenant, int[] prompt, int tokens) {
    assertThat(tokens % SPAN).isZero();
    for (int end = SPAN; end <= tokens; end += SPAN) {
      assertThat(stored).as("seed %d", SEED).contains(name(tenant, prompt, end));
    }
  }

  private void note(Tenant tenant, int[] tokens) {
    for (int end = SPAN; end <= tokens.length; end += SPAN) {
      stored.add(name(tenant, tokens, end));
    }
  }

  private static String name(Tenant tenant, int[] tokens, int end) {
    return tenant + Arrays.toString(Arrays.copyOf(tokens, end));
  }

  /** Prompts that share fronts of different length with an earlier one. */
  private static int[][] prompts() {
    int[][] prompts = new int[PROMPTS][];
    for (int i = 0; i < PROMPTS; i++) {
      prompts[i] = SyntheticEngine.tokens(SEED + i, LENGTH);
      System.arraycopy(prompts[i / 3], 0, prompts[i], 0, i % 7 * SPAN);
    }
    return prompts;
  }

  private CacheConfig config() {
    long slots = SESSIONS * (1 + 2L * Shapes.PLAIN.layerCount()) + 60;
    return CacheConfig.of(Shapes.PLAIN, "model")
        .blockTokens(SPAN)
        .hot(slots * SLOT)
        .host(100 * 2 * SLOT)
        .ssd(folder, 6 << 20)
        .build();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
