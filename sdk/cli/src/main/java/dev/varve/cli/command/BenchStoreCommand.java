package dev.varve.cli.command;

import dev.varve.cli.Console;
import dev.varve.cli.ExitCode;
import dev.varve.cli.bench.BenchReport;
import dev.varve.cli.bench.Comparison;
import dev.varve.cli.bench.HostBench;
import dev.varve.cli.bench.SsdBench;
import dev.varve.cli.run.Cleanup;
import dev.varve.cli.text.ByteSize;
import dev.varve.cli.text.ProgressBar;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The host and the SSD tier beside copies and a plain file. */
@Command(
    name = "store",
    description =
        "Puts and reads blocks of 512 KiB in the host tier, beside memcpy, and in the SSD tier,"
            + " beside LMDB and one plain file in the same folder (goal P9).")
final class BenchStoreCommand extends Task {

  private static final int LEAST_PAIRS = 5;

  @Option(
      names = "--size",
      paramLabel = "SIZE",
      defaultValue = "256MiB",
      description = "What one measurement moves (${DEFAULT-VALUE}).")
  private ByteSize size = new ByteSize(1);

  @Option(
      names = "--batch",
      paramLabel = "SIZE",
      defaultValue = "16MiB",
      description = "What is written to the SSD before each sync (${DEFAULT-VALUE}).")
  private ByteSize batch = new ByteSize(1);

  @Mixin private BenchFolder folder = new BenchFolder();

  @Option(
      names = "--pairs",
      paramLabel = "N",
      defaultValue = "5",
      description = "Pairs to measure, at least 5 (${DEFAULT-VALUE}).")
  private int pairs;

  @Mixin private FormatOption format = new FormatOption();

  @Override
  protected ExitCode perform(Console console, Cleanup cleanup) throws IOException {
    if (pairs < LEAST_PAIRS) {
      throw misuse("--pairs must be at least " + LEAST_PAIRS + ": " + pairs);
    }
    Path place = folder.open(cleanup);
    SsdBench ssd = new SsdBench(new SsdBench.Settings(size.bytes(), batch.bytes(), pairs));
    List<Comparison> comparisons = new ArrayList<>();
    try (ProgressBar bar = console.progress("store", "pairs")) {
      bar.show(0, pairs);
      comparisons.addAll(new HostBench(size.bytes(), pairs).run());
      comparisons.addAll(ssd.run(place, done -> bar.show(done, pairs)));
    }
    BenchReport report = new BenchReport(title(), comparisons, notes());
    format.print(console, report, () -> report.render(console.lines()));
    return ExitCode.OK;
  }

  private String title() {
    return "Tiers, one thread, blocks of 512 KiB, %s a measurement, SSD in synced batches of %s;"
            .formatted(size, batch)
        + " medians of "
        + pairs
        + " pairs after one that does not count.";
  }

  private static List<String> notes() {
    return List.of(
        "ours: payload bytes a second, a read includes header, key and CRC32C checks, and is the"
            + " median of five passes. probe: the same bytes by memcpy; in LMDB, through lmdbjava,"
            + " synced as often as ours; or in one plain file past the page cache in pieces of 1"
            + " MiB, synced once, as dd does it; all in turns with ours. goal: P9, of which the put"
            + " has to reach one part, LMDB or file.");
  }
}
