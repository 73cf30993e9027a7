package dev.varve.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.sdk.reading.Deadline;
import dev.varve.sdk.reading.SelectiveReading;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import dev.varve.store.Tenant;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/** A long context decodes with a twentieth of it in hot memory. */
class OffloadedDecodeTest {

  private static final int SPAN = 128;
  private static final int CHUNK = 4 * SPAN;
  private static final String TOKENS = "tokenselect(init=16,k=1500,local=256,theta=0.9)";
  private static final String PAGES = "quest(page=16,init=16,k=1500,local=256,dense=0)";

  @TempDir Path folder;
  private int stores;

  private static ModelShape model(int layers, int kvHeads, int dim) {
    return ModelShape.uniform(
        layers, LayerShape.grouped(2 * kvHeads, kvHeads, dim, Shapes.ROPE), Dtype.F16);
  }

  @Test
  void waitsForEveryChosenRow(TestReporter reporter) {
    for (String policy : new String[] {TOKENS, PAGES}) {
      Run run = run(model(2, 2, 32), 128 << 10, 96, SelectiveReading.parse(policy));
      reporter.publishEntry("wait " + policy, run.text());
      ReadingStats stats = run.stats;
      assertThat(stats.selected()).isEqualTo(2 * 96);
      assertThat(stats.skippedBlocks()).isZero();
      assertThat(stats.hotBlocks()).isPositive();
      assertThat(stats.farBlocks()).isPositive();
      assertThat(stats.prefetchedBytes() + stats.lateBytes())
          .isEqualTo(stats.farBlocks() * run.blockBytes);
      assertThat(stats.attendedShare()).isLessThan(0.02);
      assertThat(run.error).as(policy).isLessThan(0.1);
    }
  }

  @Test
  void skipsRowsThatAreNotThereAndHasThemLater(TestReporter reporter) {
    SelectiveReading now = SelectiveReading.parse(PAGES).within(new Deadline.Skip(Duration.ZERO));
    Run run = run(model(2, 2, 32), 128 << 10, 96, now);
    reporter.publishEntry("skip " + PAGES, run.text());
    ReadingStats stats = run.stats;
    assertThat(stats.selected()).isEqualTo(2 * 96);
    assertThat(stats.farBlocks()).isZero();
    assertThat(stats.skippedBlocks()).isPositive();
    assertThat(stats.rowsSkipped()).isPositive();
    // What was asked for behind a step is there when its topic is still asked about.
    assertThat(stats.hotBlocks()).isGreaterThan(stats.skippedBlocks());
    assertThat(stats.bounded()).isPositive();
    assertThat(stats.skippedMassBound()).isBetween(0.0, 1.0);
  }

  @Test
  @Tag("slow")
  void waitsForEveryChosenRowOfALargerModel(TestReporter reporter) {
    Run run = run(model(6, 4, 64), 128 << 10, 200, SelectiveReading.parse(TOKENS));
    reporter.publishEntry("larger, wait " + TOKENS, run.text());
    assertThat(run.stats.skippedBlocks()).isZero();
    assertThat(run.error).isLessThan(0.1);
  }

  /** What a run gave: counts, and the relative error of its outputs beside exact attention. */
  private record Run(ReadingStats stats, double error, long blockBytes, int steps) {

    String text() {
      return String.format(
          Locale.ROOT,
          "hit rate %.3f, late %d KiB, prefetched %d KiB a step, skipped %d rows,"
              + " attended %.4f of the rows, missed at most %.3f, error %.4f, index %d MiB",
          stats.hitRate(),
          stats.lateBytes() / 1024 / steps,
          stats.prefetchedBytes() / 1024 / steps,
          stats.rowsSkipped(),
          stats.attendedShare(),
          stats.skippedMassBound(),
          error,
          stats.indexBytes() >> 20);
    }
  }

  private Run run(ModelShape shape, int tokens, int steps, SelectiveReading reading) {
    LongContext text = new LongContext(shape, 5);
    long cacheBytes = 0;
    for (LayerShape layer : shape.layers()) {
      cacheBytes += 2L * tokens * layer.kvHeads() * (layer.keyDim() + layer.valueDim());
    }
    CacheConfig config =
        CacheConfig.of(shape, "long")
            .blockTokens(SPAN)
            .hot(cacheBytes / 20)
            .host(cacheBytes / 2)
            .ssd(folder.resolve("store" + stores++), 2 * cacheBytes)
            .build();
    double difference = 0;
    double whole = 0;
    try (KvCache cache = KvCache.open(config);
        KvSession session = cache.openSession(Tenant.NONE, reading);
        KvSession exact = cache.openSession()) {
      for (int at = 0; at < tokens; at += CHUNK) {
        step(session, shape, text, CHUNK, Optional.empty());
        work(cache);
      }
      exact.reuse(session.tokenIds());
      step(exact, shape, text, tokens - exact.length(), Optional.empty());
      for (int at = 0; at < steps; at++) {
        float[][] found = step(session, shape, text, 1, Optional.of(at));
        work(cache);
        boolean compared = at % 24 == 23;
        float[][] full = step(exact, shape, text, 1, compared ? Optional.of(at) : Optional.empty());
        for (int layer = 0; compared && layer < found.length; layer++) {
          for (int i = 0; i < found[layer].length; i++) {
            difference += Math.pow((double) found[layer][i] - full[layer][i], 2);
            whole += Math.pow(full[layer][i], 2);
          }
        }
      }
      long blockBytes = cache.geometry().block(0).bytes();
      return new Run(cache.stats().reading(), Math.sqrt(difference / whole), blockBytes, steps);
    }
  }

  private static void work(KvCache cache) {
    while (cache.work() > 0) {
      // What does not fit sinks, and what was too late comes up.
    }
  }

  /** Appends {@code count} tokens; attends the queries of the decode step {@code asks}. */
  private static float[][] step(
      KvSession session, ModelShape shape, LongContext text, int count, Optional<Integer> asks) {
    int at = session.length();
    int[] ids = IntStream.range(at, at + count).map(i -> i % 251).toArray();
    float[][] outputs = new float[shape.layerCount()][];
    try (Step step = session.begin(ids, false)) {
      for (int layer = 0; layer < shape.layerCount(); layer++) {
        step.append(layer, text.keys(layer, at, count), text.values(layer, at, count));
        if (asks.isPresent()) {
          LayerShape of = shape.layers().get(layer);
          outputs[layer] = new float[of.queryHeads() * of.valueDim()];
          step.attend(
              layer,
              text.queries(layer, asks.get()),
              EngineTensor.of(outputs[layer], 1, of.queryHeads(), of.valueDim()));
        }
      }
      step.end();
    }
    return outputs;
  }
}
