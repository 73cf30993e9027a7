package dev.varve.cli.command;

import dev.varve.cli.CommandFailure;
import dev.varve.cli.Console;
import dev.varve.cli.ExitCode;
import dev.varve.cli.bench.BenchReport;
import dev.varve.cli.bench.Comparison;
import dev.varve.cli.bench.EvictBench;
import dev.varve.cli.run.Cleanup;
import dev.varve.cli.text.Numbers;
import dev.varve.cli.text.ProgressBar;
import dev.varve.store.Dtype;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.Backends;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Scoring a layer beside the read and the multiply-adds that it cannot avoid. */
@Command(
    name = "evict",
    description =
        "SnapKV's scores of one layer, 8 KV heads of 128 with 4 query heads each, on one thread,"
            + " beside one read of the keys and the multiply-adds at the kernel's peak.")
final class BenchEvictCommand extends Task {

  private static final int LEAST_PAIRS = 5;
  private static final int LEAST_TOKENS = 1024;
  private static final int MOST_TOKENS = 1 << 20;

  @Option(
      names = "--tokens",
      paramLabel = "N",
      defaultValue = "32768",
      description = "Tokens of the layer, a multiple of 64 (${DEFAULT-VALUE}).")
  private int tokens;

  @Option(
      names = "--window",
      paramLabel = "N",
      defaultValue = "32",
      description = "Queries that vote, 1 to 256 (${DEFAULT-VALUE}).")
  private int window;

  @Option(
      names = "--pairs",
      paramLabel = "N",
      defaultValue = "9",
      description = "Pairs to measure, at least 5 (${DEFAULT-VALUE}).")
  private int pairs;

  @Mixin private FormatOption format = new FormatOption();

  @Override
  protected ExitCode perform(Console console, Cleanup cleanup) throws IOException {
    check();
    Backends.Choice choice = Backends.choose(Optional.empty());
    if (choice.backend() != Backend.VECTOR) {
      throw new CommandFailure(
          ExitCode.ENVIRONMENT,
          "the probe reads with the Vector API, which is missing here: " + choice.reason());
    }
    EvictBench bench = new EvictBench(choice.backend(), tokens, window, pairs);
    List<Comparison> comparisons = new ArrayList<>();
    try (ProgressBar bar = console.progress("evict", "types")) {
      for (Dtype dtype : Dtype.values()) {
        bar.show(comparisons.size(), Dtype.values().length);
        comparisons.add(bench.run(dtype));
      }
    }
    BenchReport report = new BenchReport(title(choice), comparisons, NOTES);
    format.print(console, report, () -> report.render(console.lines()));
    return ExitCode.OK;
  }

  private void check() {
    if (pairs < LEAST_PAIRS) {
      throw misuse("--pairs must be at least " + LEAST_PAIRS + ": " + pairs);
    }
    if (tokens < LEAST_TOKENS || tokens > MOST_TOKENS || tokens % 64 != 0) {
      throw misuse(
          "--tokens must be a multiple of 64 from %s to %s: %d"
              .formatted(Numbers.count(LEAST_TOKENS), Numbers.count(MOST_TOKENS), tokens));
    }
    if (window < 1 || window > 256) {
      throw misuse("--window must lie between 1 and 256: " + window);
    }
  }

  private String title(Backends.Choice choice) {
    return "Scores of one layer by SnapKV, %s tokens, window %d, 8 KV heads of 128, 4 query heads each,"
            .formatted(Numbers.count(tokens), window)
        + " one thread; %s; medians of %d pairs after a warm-up.".formatted(choice.reason(), pairs);
  }

  private static final List<String> NOTES =
      List.of(
          "ours: bytes of keys scored a second of processor time of the thread. probe: a vectorised"
              + " sum of the same keys, then as many multiply-adds by the same dot product kernel"
              + " over 64 rows in the cache. goal: at most 1.3 times the time.");
}
