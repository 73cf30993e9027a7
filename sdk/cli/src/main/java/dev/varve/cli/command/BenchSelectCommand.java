package dev.varve.cli.command;

import dev.varve.cli.CommandFailure;
import dev.varve.cli.Console;
import dev.varve.cli.ExitCode;
import dev.varve.cli.bench.AttentionBench;
import dev.varve.cli.bench.RowScores;
import dev.varve.cli.bench.SelectBench;
import dev.varve.cli.bench.SelectReport;
import dev.varve.cli.bench.SelectionTime;
import dev.varve.cli.run.Cleanup;
import dev.varve.cli.text.ByteSize;
import dev.varve.cli.text.Numbers;
import dev.varve.cli.text.ProgressBar;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.Backends;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Choosing what to read, beside reading everything. */
@Command(
    name = "select",
    description =
        "Scores of rows of 8 and 4 bits beside a read of the same memory (goal P6), and the time to"
            + " choose 2,048 of many tokens beside exact attention over all of them (goal P8).")
final class BenchSelectCommand extends Task {

  private static final int LEAST_PAIRS = 5;
  private static final int BLOCK = 128;
  private static final int LEAST_TOKENS = 8192;
  private static final int MOST_TOKENS = 1 << 18;

  @Option(
      names = "--tokens",
      paramLabel = "N",
      defaultValue = "131072",
      description = "Tokens of the context, a multiple of 128 (${DEFAULT-VALUE}).")
  private int tokens;

  @Option(
      names = "--size",
      paramLabel = "SIZE",
      description = "Memory to score rows in (16 times the last-level cache, 512 MiB to 2 GiB).")
  private Optional<ByteSize> size = Optional.empty();

  @Option(
      names = "--pairs",
      paramLabel = "N",
      defaultValue = "15",
      description = "Pairs to measure, at least 5 (${DEFAULT-VALUE}).")
  private int pairs;

  @Mixin private FormatOption format = new FormatOption();

  @Override
  protected ExitCode perform(Console console, Cleanup cleanup) throws IOException {
    if (pairs < LEAST_PAIRS) {
      throw misuse("--pairs must be at least " + LEAST_PAIRS + ": " + pairs);
    }
    if (tokens < LEAST_TOKENS || tokens > MOST_TOKENS || tokens % BLOCK != 0) {
      throw misuse(
          "--tokens must be a multiple of %d from %d to %d: %d"
              .formatted(BLOCK, LEAST_TOKENS, MOST_TOKENS, tokens));
    }
    Backends.Choice choice = Backends.choose(Optional.empty());
    if (choice.backend() != Backend.VECTOR) {
      throw new CommandFailure(
          ExitCode.ENVIRONMENT,
          "the probe reads with the Vector API, which is missing here: " + choice.reason());
    }
    long bytes = size.isPresent() ? size.get().bytes() : AttentionBench.defaultSetBytes();
    SelectBench bench = new SelectBench(choice.backend(), tokens, pairs);
    SelectReport report;
    try (ProgressBar bar = console.progress("select", "parts")) {
      List<RowScores> rows = bench.rows(bytes);
      bar.show(1, SelectBench.METHODS + 1);
      List<SelectionTime> times =
          bench.selections(done -> bar.show(done + 1, SelectBench.METHODS + 1));
      report = new SelectReport(title(choice), rows, times, NOTES);
    }
    format.print(console, report, () -> report.render(console.lines()));
    return ExitCode.OK;
  }

  private String title(Backends.Choice choice) {
    return "Rows of 128 codes, and one decoded token over %s, 8 KV heads of 128, 4 query heads each,"
            .formatted(Numbers.count(tokens))
        + " f16, one thread; %s; medians of %d pairs.".formatted(choice.reason(), pairs);
  }

  private static final List<String> NOTES =
      List.of(
          "All times are processor time of the one thread. hot: 64 KiB again and again. cold:"
              + " memory that no cache holds; read: a vectorised sum of the same memory, in turns"
              + " with ours (goal P6).",
          "time: scores, softmax, top-k and the sorted set, for all heads of one layer; the"
              + " attention over what was chosen is not in it. exact: attention over all tokens, in"
              + " turns with ours. over floor: beside a read of the bytes that were scored (goal"
              + " P8).");
}
