package dev.varve.cli.command;

import dev.varve.cli.CommandFailure;
import dev.varve.cli.Console;
import dev.varve.cli.ExitCode;
import dev.varve.cli.bench.Finding;
import dev.varve.cli.bench.FindingReport;
import dev.varve.cli.bench.ReplacementBench;
import dev.varve.cli.run.Cleanup;
import dev.varve.cli.text.Numbers;
import dev.varve.cli.text.ProgressBar;
import dev.varve.offload.replay.TraceFormatException;
import dev.varve.offload.replay.TraceReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What a decision of the replacement policy costs. */
@Command(
    name = "replacement",
    description =
        "Replays a trace and measures the processor time of a decision of our replacement policy,"
            + " beside LRU and Caffeine's W-TinyLFU in the same simulator (goal P13).")
final class BenchReplacementCommand extends Task {

  @Parameters(paramLabel = "TRACE", description = "A trace as varve replay reads it.")
  private Path trace = Path.of("");

  @Option(
      names = "--capacity",
      split = ",",
      paramLabel = "CHUNKS",
      defaultValue = "1000,10000,30000",
      description = "Capacities in chunks, separated by commas (default: ${DEFAULT-VALUE}).")
  private List<Integer> capacities = List.of();

  @Option(
      names = "--pairs",
      paramLabel = "N",
      defaultValue = "5",
      description = "Runs of each policy, at least 5 (${DEFAULT-VALUE}).")
  private int pairs;

  @Mixin private FormatOption format = new FormatOption();

  @Override
  protected ExitCode perform(Console console, Cleanup cleanup) throws IOException {
    if (pairs < 5) {
      throw misuse("--pairs must be at least 5: " + pairs);
    }
    for (int capacity : capacities) {
      if (capacity < 1) {
        throw misuse("--capacity must be at least 1 chunk: " + capacity);
      }
    }
    ReplacementBench bench = bench();
    List<Finding> findings;
    try (ProgressBar bar = console.progress("replacement", "capacities")) {
      bar.show(0, capacities.size());
      findings = bench.run(capacities, done -> bar.show(done, capacities.size()));
    }
    String title =
        "A decision on a chunk, %s of them in a run; medians of %d runs of each policy in turns."
            .formatted(Numbers.count(bench.references()), pairs);
    FindingReport report = new FindingReport(title, findings, NOTES);
    format.print(console, report, () -> report.render(console.lines()));
    return ExitCode.OK;
  }

  private ReplacementBench bench() throws IOException {
    try {
      return new ReplacementBench(TraceReader.read(trace), pairs);
    } catch (TraceFormatException e) {
      throw new CommandFailure(ExitCode.NO, e.getMessage() + ".", e);
    }
  }

  private static final List<String> NOTES =
      List.of(
          "Processor time of one thread, the simulator's own part included. goal: P13, a million"
              + " decisions a second and core.");
}
