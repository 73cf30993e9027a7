package dev.varve.cli.command;

import dev.varve.cli.Console;
import dev.varve.cli.ExitCode;
import dev.varve.cli.bench.BenchReport;
import dev.varve.cli.bench.ForgettingBench;
import dev.varve.cli.run.Cleanup;
import dev.varve.store.kernel.Backends;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What forgetting saves, beside a session that is as small from the start. */
@Command(
    name = "forgetting",
    description =
        "Attention over a session that forgot three quarters of its rows, beside a session of that"
            + " size and beside itself before; and the forgetting beside a plain copy.")
final class BenchForgettingCommand extends Task {

  private static final int GRAIN = 512;
  private static final int MOST_TOKENS = 1 << 17;

  @Option(
      names = "--tokens",
      paramLabel = "N",
      defaultValue = "16384",
      description = "Tokens before, a multiple of 512, at most 131072 (${DEFAULT-VALUE}).")
  private int tokens;

  @Option(
      names = "--pairs",
      paramLabel = "N",
      defaultValue = "31",
      description = "Pairs to measure (${DEFAULT-VALUE}).")
  private int pairs;

  @Mixin private FormatOption format = new FormatOption();

  @Override
  protected ExitCode perform(Console console, Cleanup cleanup) throws IOException {
    if (tokens < GRAIN || tokens > MOST_TOKENS || tokens % GRAIN != 0) {
      throw misuse(
          "--tokens must be a multiple of 512 between 512 and " + MOST_TOKENS + ": " + tokens);
    }
    if (pairs < 1) {
      throw misuse("--pairs must be at least 1: " + pairs);
    }
    String title =
        "One layer, 8 KV heads of 128 with 4 query heads each, bf16, %d tokens of which each head keeps a quarter of its own; %s; processor time of one thread, medians of %d pairs."
            .formatted(tokens, Backends.choose(Optional.empty()).reason(), pairs);
    BenchReport report = new BenchReport(title, new ForgettingBench(tokens, pairs).run(), NOTES);
    format.print(console, report, () -> report.render(console.lines()));
    return ExitCode.OK;
  }

  private static final List<String> NOTES =
      List.of(
          "attention: bytes of the probe's keys and values a second for both, so the ratio is that"
              + " of the times. forgetting: bytes of the kept rows.");
}
