package dev.varve.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.Tier;
import dev.varve.store.cuda.CudaDevice;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sessions attend to blocks on a device with its kernels, whatever lies elsewhere. */
abstract class DeviceAttentionContract {
  static final int SPAN = 32;

  /** Heads of the kernels, a window, a cap, and a layer that no kernel takes. */
  static final ModelShape SHAPE =
      new ModelShape(
          List.of(
              LayerShape.grouped(4, 2, 64, RopeSpec.none()),
              new LayerShape(
                  4, 2, 64, 64, 0.125f, 0f, RopeSpec.none(), 50, false, OptionalInt.empty()),
              new LayerShape(
                  2, 2, 128, 128, 0.1f, 4f, RopeSpec.none(), 0, false, OptionalInt.empty()),
              LayerShape.grouped(4, 2, 16, RopeSpec.none()),
              LayerShape.grouped(4, 2, 64, RopeSpec.none())),
          Dtype.F16);

  final SyntheticEngine engine = new SyntheticEngine(SHAPE);

  /** The device. */
  abstract GpuConfig gpu();

  /** The device once more, for an engine that works there. */
  abstract CudaDevice device();

  CacheConfig.Builder config(int slots) {
    return CacheConfig.of(SHAPE, "m")
        .blockTokens(SPAN)
        .hot(slots * slotBytes())
        .backend(Backend.SCALAR)
        .gpu(gpu());
  }

  static long slotBytes() {
    return CacheConfig.of(SHAPE, "m").blockTokens(SPAN).build().geometry().largestBlock();
  }

  /** The outputs of the last of {@code tokens} in every layer, beside double precision. */
  void check(float[][] found, int[] tokens, String what) {
    for (int layer = 0; layer < found.length; layer++) {
      double[] expected = engine.reference(layer, tokens);
      assertThat(found[layer]).hasSameSizeAs(expected);
      for (int i = 0; i < expected.length; i++) {
        assertThat((double) found[layer][i])
            .as("%s, layer %d, element %d", what, layer, i)
            .isCloseTo(expected[i], within(2e-4));
      }
    }
  }

  @Test
  void attendsToSealedBlocksAndTheGrowingOne() {
    runPromptAndToken();
  }

  final void runPromptAndToken() {
    int[] tokens = SyntheticEngine.tokens(1, 3 * SPAN + 5);
    try (KvCache cache = KvCache.open(config(60).build());
        KvSession session = cache.openSession()) {
      check(engine.run(session, tokens, 1 + SPAN), tokens, "a prompt");
      int[] next = SyntheticEngine.tokens(2, 1);
      check(engine.step(session, next), joined(tokens, next), "a token");
      assertThat(session.length()).isEqualTo(tokens.length + 1);
    }
  }

  @Test
  void mergesWithBlocksThatLieInLowerTiers() {
    int[] tokens = SyntheticEngine.tokens(3, 5 * SPAN + 1);
    try (KvCache cache = KvCache.open(config(17).host(200 * slotBytes()).build());
        KvSession session = cache.openSession()) {
      check(engine.run(session, tokens, 20), tokens, "some blocks in the host tier");
      assertThat(cache.stats().tier(Tier.HOST).writes()).isPositive();
    }
  }

  @Test
  void attendsMoreTokensThanGoUpAtATime() {
    int[] prompt = SyntheticEngine.tokens(4, SPAN);
    int[] more = SyntheticEngine.tokens(5, 70);
    try (KvCache cache = KvCache.open(config(60).build());
        KvSession session = cache.openSession()) {
      engine.run(session, prompt, SPAN);
      check(engine.run(session, more, 70), joined(prompt, more), "a long step");
    }
  }

  /** Rows of the stored type go straight into blocks on the device, others by way of the host. */
  @ParameterizedTest
  @EnumSource(
      value = Dtype.class,
      names = {"F16", "F32"})
  void takesAndGivesTensorsOfTheDevice(Dtype dtype) {
    int[] first = SyntheticEngine.tokens(30, 5);
    int[] second = SyntheticEngine.tokens(31, 2 * SPAN);
    int[] third = SyntheticEngine.tokens(32, 1);
    CudaDevice device = device();
    try (KvCache cache = KvCache.open(config(60).build());
        DeviceEngine there = new DeviceEngine(SHAPE, device, dtype)) {
      try (KvSession session = cache.openSession()) {
        check(there.step(session, first), first, "a front");
        // Rows from the host fill the same block, then rows of the device again.
        int[] both = joined(first, second);
        check(engine.run(session, second, 2 * SPAN), both, "from the host");
        int[] all = joined(both, third);
        check(there.step(session, third), all, "a token");
        try (KvSession copy = session.fork()) {
          int[] more = joined(all, first);
          check(there.step(copy, first), more, "a fork");
        }
      }
      // What was sealed on the device is found again.
      try (KvSession again = cache.openSession()) {
        int[] text = joined(first, second);
        int reused = again.reuse(text);
        assertThat(reused).isGreaterThanOrEqualTo(2 * SPAN);
        int[] rest = Arrays.copyOfRange(text, reused, text.length);
        check(there.step(again, rest), text, "found again");
      }
    } finally {
      device.close();
    }
  }

  @Test
  void attendsInABatch() {
    try (KvCache cache = KvCache.open(config(60).build());
        KvSession first = cache.openSession()) {
      int[] tokens = SyntheticEngine.tokens(6, SPAN + 3);
      engine.run(first, tokens, SPAN);
      try (KvSession second = first.fork()) {
        int[] ids = {7, 8};
        KvBatch batch = cache.batch();
        try (Step a = first.begin(new int[] {7}, false);
            Step b = second.begin(new int[] {8}, false)) {
          for (int layer = 0; layer < SHAPE.layerCount(); layer++) {
            attendTogether(batch, List.of(a, b), ids, tokens, layer);
          }
          a.end();
          b.end();
        }
      }
    }
  }

  private void attendTogether(KvBatch batch, List<Step> steps, int[] ids, int[] before, int layer) {
    LayerShape shape = SHAPE.layers().get(layer);
    int position = before.length;
    int width = shape.queryHeads() * shape.keyDim();
    float[] queries = new float[ids.length * width];
    for (int i = 0; i < ids.length; i++) {
      int[] id = {ids[i]};
      steps
          .get(i)
          .append(layer, engine.keys(layer, id, position), engine.values(layer, id, position));
      EngineTensor asked = engine.queries(layer, id, position);
      for (int at = 0; at < width; at++) {
        queries[i * width + at] = asked.memory().getAtIndex(ValueLayout.JAVA_FLOAT, at);
      }
    }
    int outs = shape.queryHeads() * shape.valueDim();
    float[] out = new float[ids.length * outs];
    batch.attend(
        layer,
        steps,
        EngineTensor.of(queries, ids.length, shape.queryHeads(), shape.keyDim()),
        EngineTensor.of(out, ids.length, shape.queryHeads(), shape.valueDim()));
    for (int i = 0; i < ids.length; i++) {
      double[] expected = engine.reference(layer, joined(before, new int[] {ids[i]}));
      for (int at = 0; at < outs; at++) {
        assertThat((double) out[i * outs + at]).isCloseTo(expected[at], within(2e-4));
      }
    }
  }

  @Test
  void attendsOnSeveralThreads() throws Exception {
    runThreads();
  }

  final void runThreads() throws Exception {
    try (KvCache cache = KvCache.open(config(80).build());
        ExecutorService threads = Executors.newFixedThreadPool(3)) {
      List<Future<float[][]>> all = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        int[] tokens = SyntheticEngine.tokens(10 + i, 2 * SPAN + 1);
        all.add(
            threads.submit(() -> {
              try (KvSession session = cache.openSession()) {
                return engine.run(session, tokens, SPAN);
              }
            }));
      }
      for (int i = 0; i < 3; i++) {
        float[][] found = all.get(i).get(5, TimeUnit.MINUTES);
        check(found, SyntheticEngine.tokens(10 + i, 2 * SPAN + 1), "thread " + i);
      }
    }
  }

  static int[] joined(int[] a, int[] b) {
    int[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }
}
