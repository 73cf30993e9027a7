package dev.varve.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.varve.sdk.forgetting.EvictionForgetting;
import dev.varve.sdk.reading.SelectiveReading;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import dev.varve.store.Tenant;
import dev.varve.store.Tier;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KvBatchTest {

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int SPAN = 32;
  private static final byte[] KEY = new byte[32];

  @TempDir private Path folder;

  private final List<KvSession> sessions = new ArrayList<>();
  private final List<Step> steps = new ArrayList<>();

  private static CacheConfig.Builder config(ModelShape shape, int slots) {
    return CacheConfig.of(shape, "model").blockTokens(SPAN).hot(slots * 8192L);
  }

  /** A tree: a common prompt, two branches, below one of them two again, and a stranger. */
  private void openTree(KvCache cache, SyntheticEngine engine, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    KvSession root = cache.openSession();
    sessions.add(root);
    engine.run(root, SyntheticEngine.tokens(seed, 3 * SPAN), 50);
    for (int parent : new int[] {0, 0, 1}) {
      KvSession branch = sessions.get(parent).fork();
      sessions.add(branch);
      int[] more = SyntheticEngine.tokens(random.nextLong(), 1 + random.nextInt(3 * SPAN));
      engine.run(branch, more, 40);
    }
    KvSession stranger = cache.openSession();
    sessions.add(stranger);
    engine.run(stranger, SyntheticEngine.tokens(random.nextLong(), 2 * SPAN + 5), 40);
    engine.run(root, SyntheticEngine.tokens(random.nextLong(), 1 + random.nextInt(SPAN)), 7);
  }

  /** Runs a step of every session; each layer alone and then together must give the same bits. */
  private void stepTogether(KvBatch batch, SyntheticEngine engine, ModelShape shape, int round) {
    List<int[]> texts = new ArrayList<>();
    int rows = 0;
    for (int i = 0; i < sessions.size(); i++) {
      int[] text = SyntheticEngine.tokens(100L * round + i, 1 + (round * i) % 3);
      texts.add(text);
      rows += text.length;
      steps.add(sessions.get(i).begin(text, false));
    }
    try {
      for (int layer = 0; layer < shape.layerCount(); layer++) {
        attendTogether(batch, engine, layer, texts, shape.layers().get(layer), rows);
      }
      steps.forEach(Step::end);
    } finally {
      steps.forEach(Step::close);
      steps.clear();
    }
  }

  private void attendTogether(
      KvBatch batch,
      SyntheticEngine engine,
      int layer,
      List<int[]> texts,
      LayerShape of,
      int rows) {
    float[] queries = new float[rows * of.queryHeads() * of.keyDim()];
    float[] expected = new float[rows * of.queryHeads() * of.valueDim()];
    int row = 0;
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      int[] text = texts.get(i);
      if (of.sharedWith().isEmpty()) {
        step.append(
            layer,
            engine.keys(layer, text, step.position()),
            engine.values(layer, text, step.position()));
      }
      float[] own = engine.attend(step, layer, text, step.position());
      System.arraycopy(own, 0, expected, row * of.queryHeads() * of.valueDim(), own.length);
      MemorySegment asked = engine.queries(layer, text, step.position()).memory();
      int width = of.queryHeads() * of.keyDim();
      MemorySegment.copy(
          asked, ValueLayout.JAVA_FLOAT, 0, queries, row * width, text.length * width);
      row += text.length;
    }
    float[] out = new float[expected.length];
    batch.attend(
        layer,
        steps,
        EngineTensor.of(queries, rows, of.queryHeads(), of.keyDim()),
        EngineTensor.of(out, rows, of.queryHeads(), of.valueDim()));
    assertThat(out).as("layer %d", layer).containsExactly(expected);
  }

  private void closeSessions() {
    sessions.forEach(KvSession::close);
    sessions.clear();
  }

  @ParameterizedTest
  @EnumSource(Backend.class)
  void givesEveryStepTheBitsThatItGetsAlone(Backend backend) {
    SyntheticEngine engine = new SyntheticEngine(Shapes.MIXED);
    try (KvCache cache = KvCache.open(config(Shapes.MIXED, 400).backend(backend).build())) {
      KvBatch batch = cache.batch();
      openTree(cache, engine, 5);
      for (int round = 0; round < 12; round++) {
        stepTogether(batch, engine, Shapes.MIXED, round);
      }
      AttendingStats stats = cache.stats().attending();
      assertThat(stats.together()).isEqualTo(12L * 5 * sessions.size());
      assertThat(stats.alone()).isZero();
      assertThat(stats.sharing()).isGreaterThan(1.5);
      closeSessions();
    }
  }

  @Test
  void readsFarBlocksOnceForAll() {
    SyntheticEngine engine = new SyntheticEngine(Shapes.PLAIN);
    CacheConfig config =
        CacheConfig.of(Shapes.PLAIN, "model")
            .blockTokens(SPAN)
            .hot(34 * 4096L)
            .host(12 * 4096L)
            .ssd(folder, 6 << 20)
            .build();
    try (KvCache cache = KvCache.open(config)) {
      KvBatch batch = cache.batch();
      openTree(cache, engine, 6);
      for (int round = 0; round < 4; round++) {
        stepTogether(batch, engine, Shapes.PLAIN, round);
      }
      assertThat(cache.stats().attending().sharing()).isGreaterThan(1.5);
      assertThat(cache.stats().tier(Tier.SSD).reads()).isPositive();
      closeSessions();
    }
  }

  @Test
  void sessionsWithPoliciesAttendByThemselvesWithinTheBatch() {
    SyntheticEngine engine = new SyntheticEngine(Shapes.PLAIN);
    try (KvCache cache = KvCache.open(config(Shapes.PLAIN, 300).build())) {
      KvBatch batch = cache.batch();
      openTree(cache, engine, 7);
      int[] text = SyntheticEngine.tokens(7, 3 * SPAN);
      KvSession reading =
          cache.openSession(
              Tenant.NONE, SelectiveReading.parse("quest(page=8,init=4,k=24,local=16,dense=0)"));
      KvSession forgetting =
          cache.openSession(Tenant.NONE, EvictionForgetting.parse("snapkv(budget=48,window=8)"));
      sessions.add(1, reading);
      sessions.add(forgetting);
      engine.run(reading, text, 50);
      engine.run(forgetting, text, 50);
      for (int round = 0; round < 3; round++) {
        stepTogether(batch, engine, Shapes.PLAIN, round);
      }
      assertThat(cache.stats().attending().alone()).isEqualTo(3L * 3 * 2);
      assertThat(cache.stats().attending().together()).isEqualTo(3L * 3 * 5);
      closeSessions();
    }
  }

  @Test
  void tenantsShareNothing() {
    SyntheticEngine engine = new SyntheticEngine(Shapes.PLAIN);
    int[] text = SyntheticEngine.tokens(8, 2 * SPAN + 1);
    try (KvCache cache = KvCache.open(config(Shapes.PLAIN, 100).build())) {
      for (String name : List.of("one", "other")) {
        sessions.add(cache.openSession(Tenant.of(KEY, name.getBytes(StandardCharsets.UTF_8))));
        engine.run(sessions.getLast(), text, text.length);
      }
      stepTogether(cache.batch(), engine, Shapes.PLAIN, 1);
      assertThat(cache.stats().attending().sharing()).isEqualTo(1);
      closeSessions();
    }
  }

  @ParameterizedTest
  @EnumSource(Backend.class)
  void aDecodeStepOfABatchAllocatesNoHeapByteOnceWarm(Backend backend) {
    SyntheticEngine engine = new SyntheticEngine(Shapes.PLAIN);
    LayerShape of = Shapes.PLAIN.layers().getFirst();
    int[] one = {3};
    float[] queries = new float[3 * of.queryHeads() * of.keyDim()];
    Arrays.fill(queries, 0.25f);
    EngineTensor q = EngineTensor.of(queries, 3, of.queryHeads(), of.keyDim());
    EngineTensor out =
        EngineTensor.of(
            new float[3 * of.queryHeads() * of.valueDim()], 3, of.queryHeads(), of.valueDim());
    EngineTensor keys = engine.keys(0, one, 100);
    EngineTensor values = engine.values(0, one, 100);
    try (KvCache cache = KvCache.open(config(Shapes.PLAIN, 100).backend(backend).build())) {
      KvBatch batch = cache.batch();
      sessions.add(cache.openSession());
      engine.run(sessions.getFirst(), SyntheticEngine.tokens(1, 3 * SPAN + 1), 40);
      sessions.add(sessions.getFirst().fork());
      sessions.add(sessions.getFirst().fork());
      int quiet = 0;
      for (int rounds = 0; quiet < 20 && rounds < 60_000; rounds++) {
        sessions.forEach(session -> steps.add(session.begin(one, false)));
        for (Step step : steps) {
          for (int layer = 0; layer < 3; layer++) {
            step.append(layer, keys, values);
          }
        }
        batch.attend(0, steps, q, out);
        long before = THREADS.getCurrentThreadAllocatedBytes();
        batch.attend(1, steps, q, out);
        batch.attend(2, steps, q, out);
        quiet = THREADS.getCurrentThreadAllocatedBytes() == before ? quiet + 1 : 0;
        steps.forEach(Step::close);
        steps.clear();
      }
      assertThat(quiet).isEqualTo(20);
      closeSessions();
    }
  }

  @Test
  void refusesStepsThatDoNotFitTogether() {
    SyntheticEngine engine = new SyntheticEngine(Shapes.PLAIN);
    int[] one = {3};
    EngineTensor q = engine.queries(0, one, 0);
    try (KvCache cache = KvCache.open(config(Shapes.PLAIN, 40).build());
        KvCache other = KvCache.open(config(Shapes.PLAIN, 40).build());
        KvSession session = cache.openSession();
        KvSession stranger = other.openSession();
        Step step = session.begin(one, false);
        Step strange = stranger.begin(one, false)) {
      KvBatch batch = cache.batch();
      assertThatThrownBy(() -> batch.attend(0, List.of(), q, q))
          .hasMessage("a batch needs at least one step");
      assertThatThrownBy(() -> batch.attend(0, List.of(step, step), q, q))
          .hasMessage("steps 0 and 1 are the same: a step attends once");
      assertThatThrownBy(() -> batch.attend(0, List.of(step, strange), q, q))
          .hasMessageContaining("another cache");
      assertThatThrownBy(() -> batch.attend(0, List.of(step), q, q))
          .hasMessageContaining("attends before layer 0 was appended");
      assertThatThrownBy(() -> batch.attend(3, List.of(step), q, q))
          .hasMessageContaining("layer must lie between 0 and 2");
      step.append(0, engine.keys(0, one, 0), engine.values(0, one, 0));
      batch.attend(0, List.of(step), q, q);
      step.append(1, engine.keys(1, one, 0), engine.values(1, one, 0));
      step.append(2, engine.keys(2, one, 0), engine.values(2, one, 0));
      step.end();
      assertThatThrownBy(() -> batch.attend(0, List.of(step), q, q))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("the step is over");
    }
  }
}
