package dev.varve.cli.command;

import dev.varve.cli.Console;
import dev.varve.cli.ExitCode;
import dev.varve.cli.run.Cleanup;
import dev.varve.cli.run.OpenModel;
import dev.varve.cli.run.Timeline;
import dev.varve.cli.text.Numbers;
import dev.varve.cli.text.ProgressBar;
import dev.varve.engine.CacheSession;
import dev.varve.engine.Generator;
import dev.varve.engine.LlamaDecoder;
import dev.varve.engine.LlamaModel;
import dev.varve.engine.Sampler;
import dev.varve.engine.TextStream;
import dev.varve.sdk.CacheConfig;
import dev.varve.sdk.CacheStats;
import dev.varve.sdk.KvCache;
import dev.varve.sdk.KvSession;
import dev.varve.store.Checks;
import dev.varve.store.ModelGeometry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Streams text of a model whose KV cache is the SDK. */
@Command(
    name = "generate",
    description = "Continues a prompt with any model that the engine loads, and streams the text.")
final class GenerateCommand extends Task {

  @Option(
      names = "--model",
      paramLabel = "PATH",
      required = true,
      description =
          "A llama2.c .bin, a .safetensors beside its config.json, a folder with exactly one model,"
              + " or byte-llama for the bundled one.")
  private String modelName = "";

  @ArgGroup private Prompt prompt = new Prompt();

  /** Where the prompt is from. */
  static final class Prompt {
    @Option(names = "--prompt", paramLabel = "TEXT", description = "The prompt.")
    private Optional<String> text = Optional.empty();

    @Option(names = "--prompt-file", paramLabel = "FILE", description = "The prompt, in UTF-8.")
    private Optional<Path> file = Optional.empty();

    String read() throws IOException {
      return file.isPresent() ? Files.readString(file.get()) : text.orElse("");
    }
  }

  @Option(
      names = "--max",
      paramLabel = "N",
      required = true,
      description = "Most tokens to generate.")
  private int most;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      defaultValue = "0",
      description = "0 takes the likeliest token, more is bolder (${DEFAULT-VALUE}).")
  private float temperature;

  @Option(
      names = "--top-p",
      paramLabel = "P",
      defaultValue = "1",
      description = "Draw among the likeliest tokens that together reach P (${DEFAULT-VALUE}).")
  private float topP;

  @Option(names = "--seed", paramLabel = "S", description = "Repeats the draws of a seed (random).")
  private Optional<Long> seed = Optional.empty();

  @Mixin private StoreOptions storeOptions = new StoreOptions();

  @Override
  protected ExitCode perform(Console console, Cleanup cleanup) throws IOException {
    Checks.positive(most, "--max");
    long used = seed.orElseGet(() -> ThreadLocalRandom.current().nextLong(1, 1_000_000));
    Sampler sampler = Sampler.seeded(temperature, topP, used);
    String text = prompt.read();
    try (LlamaModel model = LlamaModel.open(OpenModel.locate(modelName, cleanup))) {
      int[] tokens = model.tokenizer().encode(text);
      checkPrompt(tokens.length, model.config().context());
      ModelGeometry geometry =
          ModelGeometry.of(model.modelShape(storeOptions.kvType()), storeOptions.chunk());
      int end = Math.min(model.config().context(), tokens.length + most);
      CacheConfig config = storeOptions.cache(geometry, model.modelIdentity(), end);
      LlamaDecoder decoder = new LlamaDecoder(model);
      try (KvCache cache = KvCache.open(config)) {
        stream(console, decoder, cache, tokens, sampler);
      }
    }
    if (temperature > 0) {
      console.note("seed " + used);
    }
    return ExitCode.OK;
  }

  private void checkPrompt(int tokens, int context) {
    if (tokens < 1) {
      throw misuse("this model needs a prompt of at least 1 token: give --prompt or --prompt-file");
    }
    if (tokens > context) {
      throw misuse("the prompt has %d tokens, the model's context %d".formatted(tokens, context));
    }
  }

  private void stream(
      Console console, LlamaDecoder decoder, KvCache cache, int[] tokens, Sampler sampler) {
    try (KvSession session = cache.openSession();
        ProgressBar bar = console.progress("prefill", "tokens")) {
      TextStream text = new TextStream(decoder.model().tokenizer());
      for (int id : tokens) {
        text.accept(id);
      }
      Timeline timeline = new Timeline(System::nanoTime, printing(console, bar, text));
      Generator generator = new Generator(decoder, new CacheSession(session), storeOptions.chunk());
      Generator.Result result = generator.generate(tokens, most, sampler, timeline);
      console.println(text.finish());
      report(console, tokens.length, result, timeline, cache.stats());
    }
  }

  private static Generator.Listener printing(Console console, ProgressBar bar, TextStream text) {
    return new Generator.Listener() {
      @Override
      public void prefilled(int done, int total) {
        bar.show(done, total);
      }

      @Override
      public void token(int id) {
        bar.close();
        console.print(text.accept(id));
      }
    };
  }

  private static void report(
      Console console, int prompt, Generator.Result result, Timeline timeline, CacheStats stats) {
    console.note("");
    console.note(
        String.format(
            Locale.ROOT,
            "prompt %,d tokens, %,d found in the store; prefill %s",
            prompt,
            result.reused(),
            Numbers.duration(timeline.prefillSeconds())));
    console.note(
        String.format(
            Locale.ROOT,
            "generated %,d tokens, %s: %s",
            result.generated(),
            Numbers.rate(timeline.tokensPerSecond(), "tokens"),
            switch (result.ending()) {
              case END_OF_TEXT -> "the model ended the text";
              case ENOUGH -> "as many as asked for";
              case CONTEXT_FULL -> "the model's context is full";
            }));
    console.note(
        stats.tiers().stream()
            .map(tier ->
                "%s %s blocks, %s reads"
                    .formatted(
                        tier.tier(), Numbers.count(tier.blocks()), Numbers.count(tier.reads())))
            .collect(Collectors.joining("; ")));
    if (stats.droppedPuts() > 0) {
      console.note(Numbers.count(stats.droppedPuts()) + " blocks found no room in a lower tier");
    }
  }
}
