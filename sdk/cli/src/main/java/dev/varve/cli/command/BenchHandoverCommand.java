package dev.varve.cli.command;

import dev.varve.cli.Console;
import dev.varve.cli.ExitCode;
import dev.varve.cli.bench.HandoverBench;
import dev.varve.cli.bench.HandoverReport;
import dev.varve.cli.run.Cleanup;
import dev.varve.cli.run.TemporaryFolder;
import dev.varve.cli.run.Workers;
import dev.varve.cli.serve.GivenSettings;
import dev.varve.cli.serve.ServeConfig;
import dev.varve.cli.serve.ServeSettings;
import dev.varve.cli.serve.ServeStore;
import dev.varve.cli.text.ByteSize;
import dev.varve.cli.text.ProgressBar;
import dev.varve.client.LocalConfig;
import dev.varve.client.LocalHandover;
import dev.varve.sdk.KvCache;
import dev.varve.sidecar.Sidecar;
import dev.varve.sidecar.SidecarParts;
import dev.varve.sidecar.model.Models;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
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
    range("--millis", millis, LEAST_MILLIS, MOST_MILLIS);
    range("--pairs", pairs, 1, MOST_PAIRS);
  }

  private void range(String option, int value, int least, int most) {
    if (value < least || value > most) {
      throw misuse("%s must lie between %d and %d: %d".formatted(option, least, most, value));
    }
  }

  private Sidecar sidecar(Path socket, Cleanup cleanup) throws IOException {
    GivenSettings given = new GivenSettings();
    given.put("listen.port", "0", "bench");
    // What is replaced stays for a while beside what replaces it.
    long host = data.bytes() + data.bytes() / 2 + (1L << 30);
    given.put("tiers.host", Long.toString(host), "bench");
    given.put("handover.socket", socket.toString(), "bench");
    // Small values take a page each.
    long pages =
        sizes.stream().mapToLong(size -> data.bytes() / size.bytes() * 4096).max().orElse(0);
    given.put("handover.memory", Long.toString(data.bytes() + pages), "bench");
    given.put("handover.tenants", "1", "bench");
    ServeSettings settings = given.settings();
    KvCache cache = cleanup.add(ServeStore.open(settings.tiers(), Workers.daemons("varve-mover")));
    Workers workers = cleanup.add(Workers.of(settings.listen().workers(), "varve-worker"));
    SidecarParts parts =
        new SidecarParts(
            Version.ours(),
            cache::objects,
            new Models(List.of()),
            Workers.daemons("varve-loop"),
            workers,
            System::currentTimeMillis,
            System::nanoTime,
            new SecureRandom()::nextLong);
    return cleanup.add(Sidecar.start(ServeConfig.of(settings), parts));
  }

  private static final List<String> NOTES =
      List.of(
          "Server and client share this process and its processors. 'read' adds up every word of"
              + " what was leased; the client of the port looks at no byte of what it received."
              + " 'first time' is copied into the memory file. goal: P12.");
}
