package dev.varve.cli.command;

import dev.varve.cli.Console;
import dev.varve.cli.ExitCode;
import dev.varve.cli.bench.MovingBench;
import dev.varve.cli.bench.MovingReport;
import dev.varve.cli.run.Cleanup;
import dev.varve.cli.text.ByteSize;
import dev.varve.cli.text.ProgressBar;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Steps under memory pressure, with and without a thread that moves blocks. */
@Command(
    name = "moving",
    description =
        "Times the steps of a session that is larger than memory: blocks moved by the step that"
            + " needs a slot, beside a thread that moves them ahead of need.")
final class BenchMovingCommand extends Task {

  private static final double NANOS_PER_MILLI = 1e6;

  @Option(
      names = "--hot",
      paramLabel = "SIZE",
      defaultValue = "64MiB",
      description = "Hot tier; the host tier has twice as much (${DEFAULT-VALUE}).")
  private ByteSize hot = new ByteSize(1);

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "300",
      description = "Steps of 128 tokens, 2 MiB each, in a run (${DEFAULT-VALUE}).")
  private int steps;

  @Option(
      names = "--think",
      paramLabel = "MILLIS",
      defaultValue = "20",
      description = "Pause between steps, in which an engine would compute (${DEFAULT-VALUE}).")
  private double think;

  @Mixin private BenchFolder folder = new BenchFolder();

  @Option(
      names = "--pairs",
      paramLabel = "N",
      defaultValue = "5",
      description = "Pairs of runs (${DEFAULT-VALUE}).")
  private int pairs;

  @Mixin private FormatOption format = new FormatOption();

  @Override
  protected ExitCode perform(Console console, Cleanup cleanup)
      throws IOException, InterruptedException {
    int warmUp = MovingBench.warmUpSteps(hot.bytes());
    if (steps <= warmUp) {
      throw misuse(
          "--steps must be above " + warmUp + ", which fill memory and do not count: " + steps);
    }
    if (pairs < 1) {
      throw misuse("--pairs must be at least 1: " + pairs);
    }
    if (!(think >= 0 && think <= 1e6)) {
      throw misuse("--think must lie between 0 and 1000000: " + think);
    }
    Path place = folder.open(cleanup);
    MovingBench bench =
        new MovingBench(
            new MovingBench.Settings(
                hot.bytes(), steps, Math.round(think * NANOS_PER_MILLI), pairs));
    ThreadFactory threads = Thread.ofPlatform().name("varve-mover").daemon().factory();
    List<MovingBench.Latency> calls;
    try (ProgressBar bar = console.progress("moving", "pairs")) {
      calls = bench.run(place, threads, done -> bar.show(done, pairs));
    }
    MovingReport report = new MovingReport(title(warmUp), calls, bench.idleShare(place, threads));
    format.print(console, report, () -> report.render(console.lines()));
    return ExitCode.OK;
  }

  private String title(int warmUp) {
    return ("Calls of a session, 4 layers, blocks of 512 KiB, hot %s, %d steps after %d that fill"
            + " memory, %s ms between steps; medians of %d pairs of runs after one that does not"
            + " count.")
        .formatted(hot, steps - warmUp, warmUp, think, pairs);
  }
}
