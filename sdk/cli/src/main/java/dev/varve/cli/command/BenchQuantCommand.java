package dev.varve.cli.command;

import dev.varve.cli.Console;
import dev.varve.cli.ExitCode;
import dev.varve.cli.bench.BenchReport;
import dev.varve.cli.bench.QuantBench;
import dev.varve.cli.run.Cleanup;
import dev.varve.cli.text.ProgressBar;
import dev.varve.store.kernel.Backends;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Integer quantization beside ggml. */
@Command(
    name = "quant",
    description =
        "Integers of 8 and 4 bits in groups of 32 on one thread, beside ggml's q8_0 and q4_0 in one"
            + " run (goal P5).")
final class BenchQuantCommand extends Task {
  private static final int LEAST_PAIRS = 5;

  @Option(
      names = "--ggml",
      paramLabel = "FILE",
      required = true,
      description = {
        "Where ggml is: a shared library that exports quantize_row_q8_0 and its like, or the jar"
            + " de.kherud:llama:4.2.0 of Maven Central, which holds one.",
        "It is loaded into this process."
      })
  private Path ggml = Path.of("");

  @Option(
      names = "--pairs",
      paramLabel = "N",
      defaultValue = "9",
      description = "Pairs to measure, at least 5 (${DEFAULT-VALUE}).")
  private int pairs;

  @Mixin private FormatOption format = new FormatOption();

  @Override
  protected ExitCode perform(Console console, Cleanup cleanup) throws IOException {
    if (pairs < LEAST_PAIRS) {
      throw misuse("--pairs must be at least " + LEAST_PAIRS + ": " + pairs);
    }
    Backends.Choice choice = Backends.choose(Optional.empty());
    try (ProgressBar bar = console.progress("quant", "parts")) {
      BenchReport report =
          QuantBench.run(ggml, choice, pairs, done -> bar.show(done, QuantBench.STEPS));
      format.print(console, report, () -> report.render(console.lines()));
    }
    return ExitCode.OK;
  }
}
