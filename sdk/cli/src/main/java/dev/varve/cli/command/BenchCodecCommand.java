package dev.varve.cli.command;

import dev.varve.cli.Console;
import dev.varve.cli.ExitCode;
import dev.varve.cli.bench.BenchReport;
import dev.varve.cli.bench.CodecBench;
import dev.varve.cli.bench.CodecReport;
import dev.varve.cli.run.Cleanup;
import dev.varve.cli.text.ProgressBar;
import dev.varve.store.kernel.Backends;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The entropy coder and the lossless codec beside zstd. */
@Command(
    name = "codec",
    description =
        "Entropy coding and lossless compression on one thread, beside zstd -1 on the same bytes"
            + " (goals P1 to P3).")
final class BenchCodecCommand extends Task {

  private static final int LEAST_PAIRS = 5;

  @Option(
      names = "--kv",
      paramLabel = "FILE",
      description = "A file of varve capture, for real keys and values (none).")
  private Optional<Path> kv = Optional.empty();

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
    CodecBench bench = new CodecBench(choice.backend(), pairs);
    try (ProgressBar bar = console.progress("codec", "parts")) {
      bench.synthetic(done -> bar.show(done, CodecBench.PARTS));
      if (kv.isPresent()) {
        bench.captured(kv.get(), done -> bar.show(done, CodecBench.PARTS));
      }
    }
    BenchReport rates = new BenchReport(title(choice), bench.rates(), RATE_NOTES);
    CodecReport report = new CodecReport(rates, bench.sizes(), sizeNotes());
    format.print(console, report, () -> report.render(console.lines()));
    return ExitCode.OK;
  }

  private String title(Backends.Choice choice) {
    return "Entropy coding of 2^20 symbols of one byte, and lossless bf16, one thread; %s; medians"
            .formatted(choice.reason())
        + " of %d pairs after a warm-up.".formatted(pairs);
  }

  private static final List<String> RATE_NOTES =
      List.of(
          "ours and probe: uncompressed bytes a second of processor time of the thread, in turns;"
              + " counting symbols and making tables is part of encoding. goals: P1, P2.");

  private List<String> sizeNotes() {
    List<String> notes = new ArrayList<>();
    notes.add("Goals: P1 beside zstd; P3 beside the entropy and beside one table.");
    if (kv.isEmpty()) {
      notes.add("Real keys and values were not measured: --kv names a file of varve capture.");
    }
    return notes;
  }
}
