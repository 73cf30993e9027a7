package dev.varve.cli.command;

import dev.varve.cli.CommandFailure;
import dev.varve.cli.Console;
import dev.varve.cli.ExitCode;
import dev.varve.cli.demo.Chapter;
import dev.varve.cli.demo.DemoPage;
import dev.varve.cli.demo.DemoReport;
import dev.varve.cli.demo.DemoSettings;
import dev.varve.cli.demo.RunReport;
import dev.varve.cli.llama.BundledGguf;
import dev.varve.cli.run.ChildJvm;
import dev.varve.cli.run.Cleanup;
import dev.varve.cli.run.OpenModel;
import dev.varve.cli.run.TemporaryFolder;
import dev.varve.engine.LlamaConfig;
import dev.varve.engine.LlamaModel;
import dev.varve.llamacpp.LlamaLibrary;
import dev.varve.llamacpp.gguf.GgufFile;
import dev.varve.llamacpp.gguf.ModelDimensions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/** Runs a prompt through two processes that share nothing but a store. */
@Command(
    name = "demo",
    description = {
      "Decodes a long prompt whose KV cache sinks from hot memory to the host tier and to the SSD,"
          + " then does it again in a new process that finds the cache in the store.",
      "Exit code 1 if the two processes do not write the same text, unless --tiers approximates."
    })
final class DemoCommand extends Task {

  @Mixin private DemoOptions options = new DemoOptions();

  @Option(
      names = "--store",
      paramLabel = "DIR",
      description = "Folder of the SSD tier, kept afterwards; a temporary one unless given.")
  private Optional<Path> store = Optional.empty();

  @Option(
      names = "--engine",
      defaultValue = "varve",
      description =
          "What computes: ${COMPLETION-CANDIDATES} (${DEFAULT-VALUE}). llamacpp is llama.cpp, from"
              + " the library that comes with this command.")
  private Engine engine = Engine.VARVE;

  @Option(
      names = "--model",
      paramLabel = "PATH",
      description = "A GGUF file for --engine llamacpp (byte-llama, converted).")
  private Optional<Path> model = Optional.empty();

  @Mixin private FormatOption format = new FormatOption();

  @Override
  protected ExitCode perform(Console console, Cleanup cleanup)
      throws IOException, InterruptedException {
    if (model.isPresent() && engine == Engine.VARVE) {
      throw misuse("--model is a GGUF file and goes with --engine llamacpp: " + model.get());
    }
    return engine == Engine.VARVE ? ours(console, cleanup) : llama(console, cleanup);
  }

  private ExitCode ours(Console console, Cleanup cleanup) throws IOException, InterruptedException {
    DemoSettings settings = options.settings();
    Path folder = OpenModel.locate(OpenModel.BUNDLED, cleanup);
    int promptBytes = Chapter.text().length();
    try (LlamaModel opened = LlamaModel.open(folder)) {
      checkRoom(settings, promptBytes, opened.config().context());
      return compare(console, cleanup, describe(opened.config()), folder);
    }
  }

  private ExitCode llama(Console console, Cleanup cleanup)
      throws IOException, InterruptedException {
    if (model.isPresent() && !Files.isRegularFile(model.get())) {
      throw new CommandFailure(
          ExitCode.ENVIRONMENT, model.get() + ": no such file; --model PATH is a GGUF file");
    }
    LlamaLibrary library = LlamaLibrary.bundled();
    Path file =
        model.isPresent()
            ? model.get()
            : BundledGguf.write(cleanup.add(TemporaryFolder.create()).path());
    ModelDimensions of = ModelDimensions.of(GgufFile.read(file));
    String name =
        "%s in llama.cpp %s: %d layers, %d query heads over %d KV heads of %d"
            .formatted(
                model.isPresent() ? file.getFileName() : OpenModel.BUNDLED,
                library.build(),
                of.layers(),
                of.heads(),
                of.kvHeads(),
                of.keyDim());
    return compare(console, cleanup, name, file);
  }

  private ExitCode compare(Console console, Cleanup cleanup, String name, Path path)
      throws IOException, InterruptedException {
    Path place = store.isPresent() ? store.get() : cleanup.add(TemporaryFolder.create()).path();
    RunReport first = child(console, cleanup, "run 1", path, place);
    RunReport second = child(console, cleanup, "run 2", path, place);
    int promptBytes = Chapter.text().length();
    DemoReport report =
        DemoReport.of(name, promptBytes, options.settings().encodings(), first, second);
    format.print(console, report, () -> DemoPage.render(report, console.lines()));
    return report.sameText() || report.approximate() ? ExitCode.OK : ExitCode.NO;
  }

  private void checkRoom(DemoSettings settings, int prompt, int context) {
    if (prompt + settings.tokens() > context) {
      throw misuse(
          "--tokens must be at most %d, what a prompt of %d leaves of the model's context of %d: %d"
              .formatted(context - prompt, prompt, context, settings.tokens()));
    }
  }

  private static String describe(LlamaConfig config) {
    return "%s: %d layers, %d query heads over %d KV heads of %d"
        .formatted(
            OpenModel.BUNDLED, config.layers(), config.heads(), config.kvHeads(), config.headDim());
  }

  private RunReport child(Console console, Cleanup cleanup, String label, Path path, Path place)
      throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(List.of("demo-run", "--label=" + label));
    arguments.add("--engine=" + engine);
    arguments.add("--model=" + path);
    arguments.add("--store=" + place);
    arguments.addAll(DemoOptions.arguments(options.settings()));
    if (console.drawsProgress()) {
      arguments.add("--progress");
    }
    if (verbose()) {
      arguments.add("--verbose");
    }
    ChildJvm.Outcome outcome = cleanup.add(ChildJvm.start(arguments, console::relay)).await();
    ExitCode exit = ExitCode.of(outcome.exitCode());
    if (exit != ExitCode.OK) {
      throw exit.code() == outcome.exitCode()
          ? CommandFailure.alreadySaid(exit)
          : new CommandFailure(exit, label + " ended with exit code " + outcome.exitCode());
    }
    return JsonMapper.shared().readValue(outcome.output(), RunReport.class);
  }
}
