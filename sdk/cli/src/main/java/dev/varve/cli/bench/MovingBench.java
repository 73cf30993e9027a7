package dev.varve.cli.bench;

import dev.varve.sdk.CacheConfig;
import dev.varve.sdk.EngineTensor;
import dev.varve.sdk.KvCache;
import dev.varve.sdk.KvSession;
import dev.varve.sdk.MoverConfig;
import dev.varve.sdk.Step;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import dev.varve.store.RopeSpec;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;

/**
 * How long the steps of one session take while every tier above the SSD is full: with blocks moved
 * by the step that needs a slot, and with a thread that moves them ahead of need.
 */
public final class MovingBench {

  private static final int LAYERS = 4;
  private static final int HEADS = 8;
  private static final int DIM = 128;
  private static final int TOKENS = 128;
  private static final long SETTLE_MILLIS = 500;
  private static final long IDLE_MILLIS = 3000;

  private final Settings settings;

  /**
   * What to measure.
   *
   * @param hotBytes of the hot tier; HOST has twice as much
   * @param steps of 128 tokens in each run; those until HOST is full are not counted
   * @param thinkNanos between two steps, in which an engine would compute
   * @param pairs of runs
   */
  public record Settings(long hotBytes, int steps, long thinkNanos, int pairs) {}

  /** Times of the calls of one run. */
  private static final class Times {
    private final long[] begins;
    private final long[] appends;

    Times(int steps) {
      this.begins = new long[steps];
      this.appends = new long[steps * LAYERS];
    }

    long[] begins() {
      return begins;
    }

    long[] appends() {
      return appends;
    }
  }

  /**
   * One call under both regimes; medians over the runs.
   *
   * @param call its name
   * @param stepped blocks are moved by the step that needs a slot
   * @param threaded a thread moves them ahead of need
   * @param medianRatio median over the pairs of threaded over stepped
   * @param p99Ratio the same for the 99th percentile
   */
  public record Latency(
      String call,
      Percentiles stepped,
      Percentiles threaded,
      double medianRatio,
      double p99Ratio) {}

  public MovingBench(Settings settings) {
    this.settings = settings;
  }

  /** Steps that come before HOT and HOST are full. */
  public static int warmUpSteps(long hotBytes) {
    long chunk = (long) LAYERS * HEADS * DIM * TOKENS * 2 * Short.BYTES;
    return Math.toIntExact(3 * hotBytes / chunk);
  }

  /**
   * Measures in {@code folder}; one uncounted pair comes first.
   *
   * @param threads makes the mover's thread
   */
  public List<Latency> run(Path folder, ThreadFactory threads, IntConsumer progress)
      throws IOException {
    List<Times> stepped = new ArrayList<>();
    List<Times> threaded = new ArrayList<>();
    for (int pair = 0; pair <= settings.pairs(); pair++) {
      progress.accept(pair);
      Path own = Files.createDirectory(folder.resolve("moving-" + pair));
      if (pair % 2 == 0) {
        stepped.add(measure(own.resolve("a"), MoverConfig.STEPPED));
        threaded.add(measure(own.resolve("b"), MoverConfig.on(threads)));
      } else {
        threaded.add(measure(own.resolve("b"), MoverConfig.on(threads)));
        stepped.add(measure(own.resolve("a"), MoverConfig.STEPPED));
      }
    }
    List<Times> before = stepped.subList(1, stepped.size());
    List<Times> after = threaded.subList(1, threaded.size());
    return List.of(
        compare(
            "begin",
            before.stream().map(Times::begins).toList(),
            after.stream().map(Times::begins).toList()),
        compare(
            "append",
            before.stream().map(Times::appends).toList(),
            after.stream().map(Times::appends).toList()));
  }

  private static Latency compare(String call, List<long[]> stepped, List<long[]> threaded) {
    List<Percentiles> before = stepped.stream().map(Percentiles::of).toList();
    List<Percentiles> after = threaded.stream().map(Percentiles::of).toList();
    double[] medians = new double[before.size()];
    double[] p99s = new double[before.size()];
    for (int i = 0; i < medians.length; i++) {
      medians[i] = after.get(i).median() / before.get(i).median();
      p99s[i] = after.get(i).p99() / before.get(i).p99();
    }
    return new Latency(
        call, middle(before), middle(after), Comparison.median(medians), Comparison.median(p99s));
  }

  private static Percentiles middle(List<Percentiles> runs) {
    return new Percentiles(
        Comparison.median(runs.stream().mapToDouble(Percentiles::median).toArray()),
        Comparison.median(runs.stream().mapToDouble(Percentiles::p99).toArray()),
        Comparison.median(runs.stream().mapToDouble(Percentiles::longest).toArray()));
  }

  /** Share of a core that the mover's thread takes while nothing moves. */
  public double idleShare(Path folder, ThreadFactory threads) throws InterruptedException {
    List<Thread> made = new ArrayList<>();
    ThreadFactory watched =
        duty -> {
          Thread thread = threads.newThread(duty);
          made.add(thread);
          return thread;
        };
    CacheConfig config = config(folder.resolve("idle"), MoverConfig.on(watched));
    try (KvCache cache = KvCache.open(config);
        KvSession session = cache.openSession()) {
      step(session, new int[TOKENS], rows(), new Times(1), 0);
      Thread.sleep(SETTLE_MILLIS);
      ThreadMXBean clock = ManagementFactory.getThreadMXBean();
      long id = made.getFirst().threadId();
      long used = clock.getThreadCpuTime(id);
      long start = System.nanoTime();
      Thread.sleep(IDLE_MILLIS);
      return (double) (clock.getThreadCpuTime(id) - used) / (System.nanoTime() - start);
    }
  }

  private CacheConfig config(Path folder, MoverConfig mover) {
    ModelShape shape =
        ModelShape.uniform(
            LAYERS, LayerShape.grouped(HEADS, HEADS, DIM, RopeSpec.none()), Dtype.F16);
    long ssd = 2 * (long) settings.steps() * LAYERS * HEADS * DIM * TOKENS * 2 * Short.BYTES;
    return CacheConfig.of(shape, "bench")
        .hot(settings.hotBytes())
        .host(2 * settings.hotBytes())
        .ssd(folder, ssd)
        .mover(mover)
        .build();
  }

  private Times measure(Path folder, MoverConfig mover) {
    int skipped = warmUpSteps(settings.hotBytes());
    int counted = settings.steps() - skipped;
    Times times = new Times(counted);
    EngineTensor rows = rows();
    int[] ids = new int[TOKENS];
    try (KvCache cache = KvCache.open(config(folder, mover));
        KvSession session = cache.openSession()) {
      for (int i = 0; i < settings.steps(); i++) {
        ids[0] = i;
        step(session, ids, rows, times, i - skipped);
        LockSupport.parkNanos(settings.thinkNanos());
      }
    }
    return times;
  }

  private static void step(KvSession session, int[] ids, EngineTensor rows, Times times, int at) {
    long start = System.nanoTime();
    try (Step step = session.begin(ids, false)) {
      long begun = System.nanoTime();
      for (int layer = 0; layer < LAYERS; layer++) {
        long before = System.nanoTime();
        step.append(layer, rows, rows);
        if (at >= 0) {
          times.appends()[at * LAYERS + layer] = System.nanoTime() - before;
        }
      }
      if (at >= 0) {
        times.begins()[at] = begun - start;
      }
      step.end();
    }
  }

  private static EngineTensor rows() {
    SplittableRandom random = new SplittableRandom(1);
    float[] data = new float[TOKENS * HEADS * DIM];
    for (int i = 0; i < data.length; i++) {
      data[i] = (float) random.nextGaussian();
    }
    return EngineTensor.of(data, TOKENS, HEADS, DIM);
  }
}
