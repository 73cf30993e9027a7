package dev.varve.cli.command;

import dev.varve.cli.Console;
import dev.varve.cli.ExitCode;
import dev.varve.cli.eval.EvalPage;
import dev.varve.cli.eval.EvalRow;
import dev.varve.cli.eval.EvalRun;
import dev.varve.cli.eval.EvalSettings;
import dev.varve.cli.eval.EvalTable;
import dev.varve.cli.eval.LlamaEvalRun;
import dev.varve.cli.eval.PolicyChoice;
import dev.varve.cli.eval.Prose;
import dev.varve.cli.eval.RazorPolicies;
import dev.varve.cli.eval.StandardPolicies;
import dev.varve.cli.eval.StandardReading;
import dev.varve.cli.llama.BundledGguf;
import dev.varve.cli.run.Cleanup;
import dev.varve.cli.run.OpenModel;
import dev.varve.cli.run.TemporaryFolder;
import dev.varve.cli.text.ProgressBar;
import dev.varve.engine.LlamaModel;
import dev.varve.llamacpp.LlamaLibrary;
import dev.varve.store.kernel.Backends;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures what forgetting costs a real model. */
@Command(
    name = "eval",
    description = {
      "Runs a model over a text and over needle questions under a list of eviction and read"
          + " policies, and prints what each costs and saves beside the full cache.",
      "docs/policy.md has the grammar of policies."
    })
final class EvalCommand extends Task {
  private static final String ALL = "all";

  @Option(
      names = "--model",
      paramLabel = "PATH",
      defaultValue = OpenModel.BUNDLED,
      description = "As for varve generate (${DEFAULT-VALUE}); with --engine llamacpp a GGUF file.")
  private String modelName = "";

  @Option(
      names = "--engine",
      defaultValue = "varve",
      description =
          "What computes: ${COMPLETION-CANDIDATES} (${DEFAULT-VALUE}). In llamacpp tokens are"
              + " forgotten for all heads together, on one thread.")
  private Engine engine = Engine.VARVE;

  @Option(
      names = "--policies",
      paramLabel = "LIST",
      defaultValue = ALL,
      description =
          "Policies joined by ';', such as 'snapkv(window=16);h2o', or all (${DEFAULT-VALUE}).")
  private String policies = "";

  @Option(
      names = "--budgets",
      paramLabel = "LIST",
      split = ",",
      defaultValue = "0.5,0.25,0.125,0.0625",
      description =
          "Shares of the tokens to keep, for policies that give no budget (${DEFAULT-VALUE}).")
  private List<Double> budgets = List.of();

  @Option(
      names = "--text",
      paramLabel = "FILE",
      description = "Plain text to read and to hide needles in (the beginning of a novel).")
  private Optional<Path> text = Optional.empty();

  @Option(
      names = "--prompt",
      paramLabel = "N",
      defaultValue = "1024",
      description = "Tokens of a prompt (${DEFAULT-VALUE}).")
  private int prompt;

  @Option(
      names = "--loss-tokens",
      paramLabel = "N",
      defaultValue = "128",
      description = "Tokens behind a prompt whose loss is measured (${DEFAULT-VALUE}).")
  private int lossTokens;

  @Option(
      names = "--passages",
      paramLabel = "N",
      defaultValue = "6",
      description = "Prompts of plain text, for loss and attention (${DEFAULT-VALUE}).")
  private int passages;

  @Option(
      names = "--documents",
      paramLabel = "N",
      defaultValue = "10",
      description = "Prompts with one to six facts, each asked for (${DEFAULT-VALUE}).")
  private int documents;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "11",
      description = "Draws passages and documents (${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads to run on; they change no figure but the time (all processors).")
  private Optional<Integer> threads = Optional.empty();

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "Also write a page with plots of quality against memory (none).")
  private Optional<Path> html = Optional.empty();

  @Mixin private FormatOption format = new FormatOption();

  @Override
  protected ExitCode perform(Console console, Cleanup cleanup)
      throws IOException, InterruptedException {
    checkBudgets();
    EvalSettings settings = new EvalSettings(prompt, lossTokens, passages, documents, seed);
    String prose = text.isPresent() ? Files.readString(text.get()) : Prose.bundled();
    List<EvalRow> rows =
        engine == Engine.VARVE
            ? ours(settings, prose, console, cleanup)
            : llama(settings, prose, console, cleanup);
    if (html.isPresent()) {
      Files.writeString(html.get(), EvalPage.render(title(), setting(), rows));
    }
    format.print(
        console,
        rows.stream().map(EvalRow::json).toList(),
        () -> EvalTable.render(rows, console.lines()));
    return ExitCode.OK;
  }

  private List<EvalRow> ours(EvalSettings settings, String prose, Console console, Cleanup cleanup)
      throws IOException, InterruptedException {
    try (LlamaModel model = LlamaModel.open(OpenModel.locate(modelName, cleanup));
        ProgressBar bar = console.progress("evaluating", "prompts")) {
      EvalRun run = new EvalRun(model, choices(model, cleanup), budgets, settings, prose);
      return run.run(threads.orElse(Runtime.getRuntime().availableProcessors()), bar::show);
    }
  }

  private List<EvalRow> llama(EvalSettings settings, String prose, Console console, Cleanup cleanup)
      throws IOException {
    List<PolicyChoice> tried =
        (policies.equals(ALL) ? LlamaEvalRun.POLICIES.stream() : Stream.of(policies.split(";", -1)))
            .map(String::strip)
            .map(PolicyChoice::of)
            .toList();
    Path file = BundledGguf.locate(modelName, cleanup);
    try (dev.varve.llamacpp.LlamaModel opened = LlamaLibrary.bundled().openModel(file);
        ProgressBar bar = console.progress("evaluating", "prompts")) {
      LlamaEvalRun run =
          new LlamaEvalRun(
              opened,
              tried,
              budgets,
              settings,
              prose,
              Backends.choose(Optional.empty()).backend(),
              System::nanoTime);
      return run.run(bar::show);
    }
  }

  private void checkBudgets() {
    for (double budget : budgets) {
      if (!(budget > 0 && budget <= 1)) {
        throw misuse("--budgets are shares of the tokens, above 0 and at most 1: " + budget + ".");
      }
    }
  }

  private List<PolicyChoice> choices(LlamaModel model, Cleanup cleanup) throws IOException {
    if (!policies.equals(ALL)) {
      return Stream.of(policies.split(";", -1)).map(String::strip).map(PolicyChoice::of).toList();
    }
    List<PolicyChoice> all = new ArrayList<>(StandardPolicies.all(model.config().headDim()));
    Path map = cleanup.add(TemporaryFolder.create()).path().resolve("heads.json");
    all.addAll(RazorPolicies.of(model, map, prompt));
    all.addAll(StandardReading.of(prompt, lossTokens, budgets));
    return all;
  }

  private String title() {
    return "What forgetting and reading little cost " + modelName;
  }

  private List<String> setting() {
    return List.of(
        "Prompts of %,d tokens; loss of the next %,d on %,d passages; needles in %,d documents."
            .formatted(prompt, lossTokens, passages, documents),
        "Seed %d. Print these figures with: varve eval --model %s --policies '%s'"
            .formatted(seed, modelName, policies));
  }
}
