package dev.varve.cli.llama;

import dev.varve.cli.Console;
import dev.varve.cli.demo.Chapter;
import dev.varve.cli.demo.DemoSettings;
import dev.varve.cli.demo.RunReport;
import dev.varve.cli.run.Timeline;
import dev.varve.cli.text.ProgressBar;
import dev.varve.engine.Generator;
import dev.varve.llamacpp.ContextOptions;
import dev.varve.llamacpp.LlamaContext;
import dev.varve.llamacpp.LlamaException;
import dev.varve.llamacpp.LlamaLibrary;
import dev.varve.llamacpp.LlamaModel;
import dev.varve.llamacpp.LlamaPrefixCache;
import dev.varve.llamacpp.TokenSampler;
import dev.varve.llamacpp.Wanted;
import dev.varve.sdk.CacheStats;
import dev.varve.store.ModelGeometry;
import dev.varve.store.Tenant;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.LongSupplier;

/**
 * One run of the demo in llama.cpp: loads the model, restores what the store holds of the prompt,
 * has the engine compute the rest, and continues the text.
 */
public final class LlamaDemoRun {

  private static final int WARM_UP_TOKENS = 256;
  private static final int WARM_UP_STEPS = 24;
  private static final int HOT_CHUNKS = 4;
  private static final int SSD_PROMPTS = 4;

  private final DemoSettings settings;
  private final Console console;
  private final LongSupplier nanoTime;

  /** A run timed by {@code nanoTime}, a clock like {@link System#nanoTime}. */
  public LlamaDemoRun(DemoSettings settings, Console console, LongSupplier nanoTime) {
    this.settings = settings;
    this.console = console;
    this.nanoTime = nanoTime;
  }

  /** Runs over the GGUF file {@code file} and the SSD tier in {@code store}. */
  public RunReport run(Path file, Path store, String label) throws IOException {
    long started = nanoTime.getAsLong();
    try (LlamaModel model = LlamaLibrary.bundled().openModel(file)) {
      int[] prompt = model.tokenize(Chapter.text());
      ContextOptions options = options(model, prompt.length);
      try (LlamaPrefixCache cache = open(model, options, store, prompt.length);
          LlamaContext context = model.openContext(options)) {
        double openSeconds = (nanoTime.getAsLong() - started) / 1e9;
        warmUp(model, options, prompt);
        return generate(cache, context, prompt, label, openSeconds);
      }
    }
  }

  private ContextOptions options(LlamaModel model, int prompt) {
    int tokens = prompt + settings.tokens();
    int most = model.dimensions().context();
    if (tokens > most) {
      throw new LlamaException(
          "--tokens must be at most %d, what a prompt of %d leaves of the model's context of %d: %d"
              .formatted(Math.max(0, most - prompt), prompt, most, settings.tokens()));
    }
    return ContextOptions.of(tokens).batch(DemoSettings.BLOCK_TOKENS);
  }

  /** Tiers as asked for, or as large as a larger model needs. */
  private LlamaPrefixCache open(
      LlamaModel model, ContextOptions options, Path store, int promptTokens) {
    return LlamaPrefixCache.open(
        model,
        options,
        config -> {
          ModelGeometry geometry = config.build().geometry();
          long chunk = geometry.owningLayers() * geometry.largestBlock();
          long prompt = Math.ceilDiv(promptTokens, geometry.blockTokens()) * chunk;
          DemoSettings larger =
              new DemoSettings(
                  Math.max(settings.hotBytes(), HOT_CHUNKS * chunk),
                  settings.hostBytes(),
                  Math.max(settings.ssdBytes(), SSD_PROMPTS * prompt),
                  settings.tokens(),
                  settings.encodings());
          return larger.tiers(config, store);
        });
  }

  /** Runs another text past the cache, so that neither run pays for the first use of the code. */
  private static void warmUp(LlamaModel model, ContextOptions options, int[] prompt) {
    int count = Math.min(WARM_UP_TOKENS, prompt.length);
    int[] other = new int[count];
    for (int i = 0; i < count; i++) {
      other[i] = prompt[prompt.length - 1 - i];
    }
    TokenSampler sampler = TokenSampler.greedy();
    try (LlamaContext context = model.openContext(options)) {
      float[] logits = context.decode(other, Wanted.LAST);
      int room = Math.min(WARM_UP_STEPS, context.capacity() - count);
      for (int i = 0; i < room; i++) {
        logits = context.decode(new int[] {sampler.next(logits)}, Wanted.LAST);
      }
    }
  }

  private RunReport generate(
      LlamaPrefixCache cache,
      LlamaContext context,
      int[] prompt,
      String label,
      double openSeconds) {
    LlamaModel model = context.model();
    try (ProgressBar bar = console.progress(label, "tokens")) {
      int all = prompt.length + settings.tokens();
      Timeline timeline = new Timeline(nanoTime, drawing(bar, prompt.length, all));
      int reused = cache.restore(Tenant.NONE, context, prompt);
      int[] rest = Arrays.copyOfRange(prompt, reused, prompt.length);
      float[] logits = context.decode(rest, Wanted.LAST);
      timeline.prefilled(prompt.length, prompt.length);
      TokenSampler sampler =
          TokenSampler.seeded(DemoSettings.TEMPERATURE, DemoSettings.TOP_P, DemoSettings.SEED);
      for (int i = 0; i < settings.tokens(); i++) {
        int id = sampler.next(logits);
        timeline.token(id);
        if (i + 1 < settings.tokens()) {
          logits = context.decode(new int[] {id}, Wanted.LAST);
        }
      }
      cache.store(Tenant.NONE, context, prompt);
      int[] ids = timeline.tokens().stream().mapToInt(Integer::intValue).toArray();
      CacheStats stats = cache.stats();
      return new RunReport(
          ProcessHandle.current().pid(),
          prompt.length,
          reused,
          openSeconds,
          timeline.prefillSeconds(),
          timeline.firstTokenSeconds(),
          timeline.decodeSeconds(),
          timeline.tokens(),
          model.text(ids),
          stats.tiers().stream().map(RunReport.TierReport::of).toList(),
          stats.lostBlocks(),
          stats.droppedPuts());
    }
  }

  private static Generator.Listener drawing(ProgressBar bar, int prompt, int all) {
    return new Generator.Listener() {
      private int done = prompt;

      @Override
      public void prefilled(int tokens, int total) {
        bar.show(tokens, all);
      }

      @Override
      public void token(int id) {
        done++;
        bar.show(done, all);
      }
    };
  }
}
