package dev.varve.cli.command;

import dev.varve.cli.Console;
import dev.varve.cli.ExitCode;
import dev.varve.cli.bench.Finding;
import dev.varve.cli.bench.FindingReport;
import dev.varve.cli.bench.IndexBench;
import dev.varve.cli.run.Cleanup;
import dev.varve.cli.text.Numbers;
import dev.varve.cli.text.ProgressBar;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The catalog of chunks: memory, look-ups, long prompts. */
@Command(
    name = "index",
    description =
        "Enters chunks into the catalog and measures its memory a chunk, single look-ups, and the"
            + " match of a long prompt (goal P14).")
final class BenchIndexCommand extends Task {

  private static final int LEAST_CHUNKS = 1000;
  private static final int MOST_CHUNKS = 100_000_000;
  private static final int LEAST_TOKENS = 128;
  private static final int MOST_TOKENS = 10_000_000;
  private static final int LOOKUPS = 500_000;

  @Option(
      names = "--chunks",
      paramLabel = "N",
      defaultValue = "10000000",
      description = "Chunks in the catalog (${DEFAULT-VALUE}).")
  private int chunks;

  @Option(
      names = "--host-share",
      paramLabel = "SHARE",
      defaultValue = "0.1",
      description =
          "Share of them that the host tier holds and has in its order, above 0 and up to 1"
              + " (${DEFAULT-VALUE}).")
  private double hostShare;

  @Option(
      names = "--tokens",
      paramLabel = "N",
      defaultValue = "1000000",
      description = "Tokens of the prompt to match (${DEFAULT-VALUE}).")
  private int tokens;

  @Mixin private FormatOption format = new FormatOption();

  @Override
  protected ExitCode perform(Console console, Cleanup cleanup) {
    checkRange("--chunks", chunks, LEAST_CHUNKS, MOST_CHUNKS);
    checkRange("--tokens", tokens, LEAST_TOKENS, MOST_TOKENS);
    if (!(hostShare > 0 && hostShare <= 1)) {
      throw misuse("--host-share must be above 0 and up to 1: " + hostShare);
    }
    IndexBench bench =
        new IndexBench(
            new IndexBench.Settings(chunks, hostShare, Math.min(LOOKUPS, 10 * chunks), tokens));
    List<Finding> findings;
    try (ProgressBar bar = console.progress("index", "parts")) {
      bar.show(0, IndexBench.PARTS);
      findings = bench.run(done -> bar.show(done, IndexBench.PARTS));
    }
    FindingReport report = new FindingReport(title(), findings, NOTES);
    format.print(console, report, () -> report.render(console.lines()));
    return ExitCode.OK;
  }

  private void checkRange(String option, int value, int least, int most) {
    if (value < least || value > most) {
      throw misuse(
          "%s must lie between %s and %s: %s"
              .formatted(option, Numbers.count(least), Numbers.count(most), Numbers.count(value)));
    }
  }

  private String title() {
    return "%s chunks of 128 tokens, %.0f %% of them in the host tier's order; a prompt of %s"
            .formatted(Numbers.count(chunks), 100 * hostShare, Numbers.count(tokens))
        + " tokens; one thread.";
  }

  private static final List<String> NOTES =
      List.of(
          "Bytes are a chunk's. The index is the catalog with every chunk on SSD and at rest; the"
              + " order is the state of the default replacement policy for each chunk in the host"
              + " tier. Times of single calls contain two readings of the clock.",
          "A prompt is hashed and claimed in the catalog of all chunks, 32 layers each. The whole"
              + " call is KvCache.match on a cache that holds the prompt alone, 4 layers, in its"
              + " host tier. goal: P14.");
}
