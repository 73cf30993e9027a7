package dev.varve.cli.demo;

import dev.varve.cli.Console;
import dev.varve.cli.demo.RunReport.TierReport;
import dev.varve.cli.run.Timeline;
import dev.varve.cli.text.ProgressBar;
import dev.varve.engine.CacheSession;
import dev.varve.engine.Generator;
import dev.varve.engine.LlamaDecoder;
import dev.varve.engine.LlamaModel;
import dev.varve.engine.Sampler;
import dev.varve.sdk.CacheConfig;
import dev.varve.sdk.CacheStats;
import dev.varve.sdk.KvCache;
import dev.varve.sdk.KvSession;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.LongSupplier;

/**
 * One run of the demo, in the process that calls it: opens the store, prefills what it does not
 * hold, and continues the text.
 */
public final class DemoRun {

  private static final int WARM_UP_TOKENS = 512;
  private static final int WARM_UP_STEPS = 24;
  private static final long WARM_UP_BYTES = 16L << 20;

  private final DemoSettings settings;
  private final Console console;
  private final LongSupplier nanoTime;

  /** A run timed by {@code nanoTime}, a clock like {@link System#nanoTime}. */
  public DemoRun(DemoSettings settings, Console console, LongSupplier nanoTime) {
    this.settings = settings;
    this.console = console;
    this.nanoTime = nanoTime;
  }

  /** Runs over the model in {@code modelFolder} and the SSD tier in {@code store}. */
  public RunReport run(Path modelFolder, Path store, String label) throws IOException {
    long started = nanoTime.getAsLong();
    try (LlamaModel model = LlamaModel.open(modelFolder)) {
      CacheConfig config =
          settings.cache(model.modelShape(DemoSettings.KV_TYPE), model.modelIdentity(), store);
      LlamaDecoder decoder = new LlamaDecoder(model);
      try (KvCache cache = KvCache.open(config)) {
        double openSeconds = (nanoTime.getAsLong() - started) / 1e9;
        warmUp(decoder);
        return generate(decoder, cache, label, openSeconds);
      }
    }
  }

  /** Runs another text in a cache of its own, so that no run is measured while the JVM compiles. */
  private static void warmUp(LlamaDecoder decoder) throws IOException {
    CacheConfig config =
        CacheConfig.of(decoder.model().modelShape(DemoSettings.KV_TYPE), "warm-up")
            .blockTokens(DemoSettings.BLOCK_TOKENS)
            .hot(WARM_UP_BYTES)
            .build();
    String text = Chapter.text();
    String other =
        new StringBuilder(text.substring(text.length() - WARM_UP_TOKENS)).reverse().toString();
    try (KvCache cache = KvCache.open(config);
        KvSession session = cache.openSession()) {
      new Generator(decoder, new CacheSession(session), DemoSettings.BLOCK_TOKENS)
          .generate(
              decoder.model().tokenizer().encode(other), WARM_UP_STEPS, Sampler.greedy(), id -> {});
    }
  }

  private RunReport generate(LlamaDecoder decoder, KvCache cache, String label, double openSeconds)
      throws IOException {
    int[] prompt = decoder.model().tokenizer().encode(Chapter.text());
    try (KvSession session = cache.openSession();
        ProgressBar bar = console.progress(label, "tokens")) {
      Generator generator =
          new Generator(decoder, new CacheSession(session), DemoSettings.BLOCK_TOKENS);
      Timeline timeline = new Timeline(nanoTime, drawing(bar, prompt.length));
      Generator.Result result =
          generator.generate(prompt, settings.tokens(), DemoSettings.sampler(), timeline);
      CacheStats stats = cache.stats();
      return new RunReport(
          ProcessHandle.current().pid(),
          prompt.length,
          result.reused(),
          openSeconds,
          timeline.prefillSeconds(),
          timeline.firstTokenSeconds(),
          timeline.decodeSeconds(),
          timeline.tokens(),
          decoder.model().tokenizer().decode(ids(timeline)),
          stats.tiers().stream().map(TierReport::of).toList(),
          stats.lostBlocks(),
          stats.droppedPuts());
    }
  }

  private Generator.Listener drawing(ProgressBar bar, int promptTokens) {
    int all = promptTokens + settings.tokens();
    return new Generator.Listener() {
      private int done;

      @Override
      public void prefilled(int tokens, int total) {
        done = tokens;
        bar.show(done, all);
      }

      @Override
      public void token(int id) {
        done++;
        bar.show(done, all);
      }
    };
  }

  private static int[] ids(Timeline timeline) {
    return timeline.tokens().stream().mapToInt(Integer::intValue).toArray();
  }
}
