package dev.varve.cli.bench;

import dev.varve.sdk.CacheConfig;
import dev.varve.sdk.EngineTensor;
import dev.varve.sdk.GpuConfig;
import dev.varve.sdk.KvCache;
import dev.varve.sdk.KvSession;
import dev.varve.sdk.Step;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import dev.varve.store.RopeSpec;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;

/**
 * What attention of one layer takes a session whose blocks lie on a device: by the clock of the
 * caller, with claims on blocks, lists that go up and results that come down.
 */
public final class GpuSessionBench {
  private static final long SEED = 11;
  private static final int STEP = 1024;

  private final GpuConfig gpu;
  private final GpuBench.Sizes sizes;
  private final LongSupplier nanoTime;

  /** Sessions on the device that {@code gpu} opens. */
  public GpuSessionBench(GpuConfig gpu, GpuBench.Sizes sizes, LongSupplier nanoTime) {
    this.gpu = gpu;
    this.sizes = sizes;
    this.nanoTime = nanoTime;
  }

  /**
   * Fills a session and attends one token again and again.
   *
   * @param kernel microseconds of the kernel alone over as many tokens
   */
  public Finding run(double kernel) {
    LayerShape layer =
        LayerShape.grouped(
            sizes.kvHeads() * sizes.group(), sizes.kvHeads(), sizes.dim(), RopeSpec.none());
    ModelShape shape = ModelShape.uniform(1, layer, Dtype.F16);
    CacheConfig.Builder config = CacheConfig.of(shape, "bench");
    long slots = sizes.tokens() / 128 + 32L;
    long block = CacheConfig.of(shape, "bench").build().geometry().largestBlock();
    try (KvCache cache = KvCache.open(config.hot(slots * (block + 4096)).gpu(gpu).build());
        KvSession session = cache.openSession()) {
      SplittableRandom random = new SplittableRandom(SEED);
      for (int at = 0; at < sizes.tokens(); at += STEP) {
        int count = Math.min(STEP, sizes.tokens() - at);
        try (Step step = session.begin(new int[count], false)) {
          EngineTensor rows = rows(random, count, layer.kvHeads(), layer.keyDim());
          step.append(0, rows, rows);
          step.end();
        }
      }
      return Finding.of("attention of a session's step", attend(session, layer, random), "us")
          .beside("the kernel alone", kernel);
    }
  }

  private double attend(KvSession session, LayerShape layer, SplittableRandom random) {
    double[] times = new double[sizes.repeats()];
    try (Step step = session.begin(new int[1], false)) {
      EngineTensor row = rows(random, 1, layer.kvHeads(), layer.keyDim());
      step.append(0, row, row);
      EngineTensor queries = rows(random, 1, layer.queryHeads(), layer.keyDim());
      float[] out = new float[layer.queryHeads() * layer.valueDim()];
      EngineTensor outputs = EngineTensor.of(out, 1, layer.queryHeads(), layer.valueDim());
      step.attend(0, queries, outputs);
      for (int i = 0; i < times.length; i++) {
        long start = nanoTime.getAsLong();
        step.attend(0, queries, outputs);
        times[i] = (nanoTime.getAsLong() - start) / 1000.0;
      }
      step.end();
    }
    Arrays.sort(times);
    return times[times.length / 2];
  }

  private static EngineTensor rows(SplittableRandom random, int tokens, int heads, int dim) {
    float[] values = new float[tokens * heads * dim];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return EngineTensor.of(values, tokens, heads, dim);
  }
}
