package dev.varve.cli.command;

import dev.varve.cli.Console;
import dev.varve.cli.ExitCode;
import dev.varve.cli.bench.HandoverBench;
import dev.varve.cli.bench.HandoverReport;
import dev.varve.cli.run.Cleanup;
import dev.varve.cli.run.TemporaryFolder;
import dev.varve.cli.text.ByteSize;
import dev.varve.cli.text.ProgressBar;
import dev.varve.client.LocalConfig;
import dev.varve.client.LocalHandover;
import dev.varve.sidecar.Sidecar;
import dev.varve.sidecar.model.Models;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The local hand-over beside the port. */
@Command(
    name = "handover",
    description =
        "Starts our server and has values from it in turns by lease, in memory that both sides map,"
            + " and by GET over its port (goal P12). Linux only.")
final class BenchHandoverCommand extends Task {

  private static final int LEAST_MILLIS = 10;
  private static final int MOST_MILLIS = 600_000;
  private static final int MOST_PAIRS = 1000;
  private static final long MOST_VALUE = 512L << 20;
  private static final long LEAST_VALUE = 8;

  @Option(
      names = "--sizes",
      split = ",",
      paramLabel = "SIZE",
      defaultValue = "1MiB,4MiB,32MiB",
      description = "Sizes of values, separated by commas (${DEFAULT-VALUE}).")
  private List<ByteSize> sizes = List.of();

  @Option(
      names = "--lease",
      paramLabel = "SIZE",
      defaultValue = "128MiB",
      description = "Bytes of the values that are leased at once (${DEFAULT-VALUE}).")
  private ByteSize lease = new ByteSize(1);

  @Option(
      names = "--data",
      paramLabel = "SIZE",
      defaultValue = "512MiB",
      description = "Bytes of all values of a size (${DEFAULT-VALUE}).")
  private ByteSize data = new ByteSize(1);

  @Option(
      names = "--millis",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Milliseconds of one measurement (${DEFAULT-VALUE}).")
  private int millis;

  @Option(
      names = "--pairs",
      paramLabel = "N",
      defaultValue = "5",
      description = "Measurements of each way, in turns (${DEFAULT-VALUE}).")
  private int pairs;

  @Mixin private FormatOption format = new FormatOption();

  @Override
  protected ExitCode perform(Console console, Cleanup cleanup)
      throws IOException, InterruptedException {
    check();
    Path socket = cleanup.add(TemporaryFolder.create()).path().resolve("varve.sock");
    Sidecar sidecar = sidecar(socket, cleanup);
    LocalHandover local = cleanup.add(LocalHandover.open(LocalConfig.of(socket), System::nanoTime));
    HandoverBench.Settings settings =
        new HandoverBench.Settings(sizes, lease.bytes(), data.bytes(), millis, pairs);
    HandoverBench bench = new HandoverBench(settings, sidecar.address(), local);
    HandoverBench.Outcome outcome;
    try (ProgressBar bar = console.progress("handover", "parts")) {
      bar.show(0, settings.parts());
      outcome = bench.run(done -> bar.show(done, settings.parts()));
    }
    String title =
        "%s of values of a size in memory, %d measurements of %d ms each; a lease is given back"
                .formatted(data, pairs, millis)
            + " before the next.";
    HandoverReport report = new HandoverReport(title, outcome.times(), outcome.rates(), NOTES);
    format.print(console, report, () -> report.render(console.lines()));
    return ExitCode.OK;
  }

  private void check() {
    for (ByteSize size : sizes) {
      if (size.bytes() < LEAST_VALUE || size.bytes() > MOST_VALUE) {
        throw misuse("--sizes must lie between 8 bytes and 512 MiB: " + size);
      }
      if (size.bytes() > data.bytes()) {
        throw misuse("--data of %s holds no value of %s".formatted(data, size));
      }
    }
    inRange("--millis", millis, LEAST_MILLIS, MOST_MILLIS);
    inRange("--pairs", pairs, 1, MOST_PAIRS);
  }

  private Sidecar sidecar(Path socket, Cleanup cleanup) throws IOException {
    // Small values take a page each.
    long pages =
        sizes.stream().mapToLong(size -> data.bytes() / size.bytes() * 4096).max().orElse(0);
    return new BenchServer(data)
        .setting("handover.socket", socket.toString())
        .setting("handover.memory", Long.toString(data.bytes() + pages))
        .setting("handover.tenants", "1")
        .start(new Models(List.of()), cleanup);
  }

  private static final List<String> NOTES =
      List.of(
          "Server and client share this process and its processors. 'read' adds up every word of"
              + " what was leased; the client of the port looks at no byte of what it received."
              + " 'first time' is copied into the memory file. goal: P12.");
}
