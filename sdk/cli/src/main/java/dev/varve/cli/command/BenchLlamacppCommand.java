package dev.varve.cli.command;

import dev.varve.cli.Console;
import dev.varve.cli.ExitCode;
import dev.varve.cli.eval.Prose;
import dev.varve.cli.llama.BundledGguf;
import dev.varve.cli.llama.LlamaBench;
import dev.varve.cli.run.Cleanup;
import dev.varve.cli.run.OpenModel;
import dev.varve.cli.run.TemporaryFolder;
import dev.varve.cli.text.ByteSize;
import dev.varve.cli.text.Numbers;
import dev.varve.cli.text.ProgressBar;
import dev.varve.cli.text.Table;
import dev.varve.llamacpp.LlamaLibrary;
import dev.varve.llamacpp.LlamaModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Prompts in llama.cpp, cold and warm. */
@Command(
    name = "llamacpp",
    description =
        "Time to the first token in llama.cpp: cold, warm from our SSD tier in a cache that was"
            + " just opened, warm from its memory, and from a file of the engine's own state, in"
            + " turns; and what computing and storing cost a token. One thread; medians.")
final class BenchLlamacppCommand extends Task {

  @Option(
      names = "--model",
      paramLabel = "PATH",
      defaultValue = OpenModel.BUNDLED,
      description = "A GGUF file (${DEFAULT-VALUE}, converted).")
  private String model = "";

  @Option(
      names = "--tokens",
      paramLabel = "LIST",
      split = ",",
      defaultValue = "1024,2048",
      description = "Tokens of a prompt, at least 256 (${DEFAULT-VALUE}).")
  private List<Integer> tokens = List.of();

  @Option(
      names = "--pairs",
      paramLabel = "N",
      defaultValue = "5",
      description = "Prompts of each length, at least 1 (${DEFAULT-VALUE}).")
  private int pairs;

  @Mixin private FormatOption format = new FormatOption();

  @Override
  protected ExitCode perform(Console console, Cleanup cleanup) throws IOException {
    if (pairs < 1) {
      throw misuse("--pairs must be at least 1: " + pairs);
    }
    Path file = BundledGguf.locate(model, cleanup);
    Path folder = cleanup.add(TemporaryFolder.create()).path();
    List<LlamaBench.Row> rows = new ArrayList<>();
    try (LlamaModel opened = LlamaLibrary.bundled().openModel(file);
        ProgressBar bar = console.progress("llamacpp", "lengths")) {
      int[] text = opened.tokenize(Prose.bundled());
      int most = Math.min(opened.dimensions().context(), text.length - pairs);
      for (int each : tokens) {
        if (each < 256 || each > most) {
          throw misuse("--tokens must lie between 256 and %d: %d".formatted(most, each));
        }
      }
      LlamaBench bench = new LlamaBench(opened, pairs, System::nanoTime);
      for (int each : tokens) {
        rows.add(bench.run(text, each, folder));
        bar.show(rows.size(), tokens.size());
      }
    }
    format.print(console, rows, () -> render(rows, console.lines()));
    return ExitCode.OK;
  }

  private static String render(List<LlamaBench.Row> rows, boolean lines) {
    Table table =
        new Table(
            "tokens",
            "restored",
            "cold",
            "warm",
            "memory",
            "own state",
            "speed-up",
            "compute",
            "store",
            "raw",
            "on SSD");
    for (LlamaBench.Row row : rows) {
      table.row(
          Numbers.count(row.tokens()),
          Numbers.count(row.restored()),
          Numbers.duration(row.cold()),
          Numbers.duration(row.warm()),
          Numbers.duration(row.memory()),
          Numbers.duration(row.own()),
          String.format(Locale.ROOT, "%.1fx", row.speedup()),
          String.format(Locale.ROOT, "%.0f us/token", row.computeMicros()),
          String.format(Locale.ROOT, "%.0f us/token", row.storeMicros()),
          ByteSize.format(row.tokenBytes()) + "/token",
          ByteSize.format((long) row.storedBytes()) + "/token");
    }
    return table.render(lines);
  }
}
