package dev.varve.cli.command;

import dev.varve.cli.Console;
import dev.varve.cli.ExitCode;
import dev.varve.cli.bench.Comparison;
import dev.varve.cli.bench.ContextBench;
import dev.varve.cli.bench.Finding;
import dev.varve.cli.bench.RedisPeer;
import dev.varve.cli.bench.ServeBench;
import dev.varve.cli.bench.ServeReport;
import dev.varve.cli.run.Cleanup;
import dev.varve.cli.run.TemporaryFolder;
import dev.varve.cli.run.Workers;
import dev.varve.cli.text.ByteSize;
import dev.varve.cli.text.ProgressBar;
import dev.varve.sdk.KvCache;
import dev.varve.sidecar.Sidecar;
import dev.varve.sidecar.model.Models;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The server beside Redis. */
@Command(
    name = "serve",
    description =
        "Starts our server and a redis-server and drives both with the same client in turns: GET"
            + " and SET by size of value and connections (goal P10), small values beside large ones"
            + " (goal P11).")
final class BenchServeCommand extends Task {

  private static final int LEAST_MILLIS = 10;
  private static final int MOST_MILLIS = 600_000;
  private static final int MOST_CONNECTIONS = 256;
  private static final int MOST_PAIRS = 1000;
  private static final int MOST_CONTEXT = 1 << 20;
  private static final long MOST_VALUE = 512L << 20;

  @Option(
      names = "--sizes",
      split = ",",
      paramLabel = "SIZE",
      defaultValue = "256KiB,1MiB,4MiB",
      description = "Sizes of values, separated by commas (${DEFAULT-VALUE}).")
  private List<ByteSize> sizes = List.of();

  @Option(
      names = "--connections",
      split = ",",
      paramLabel = "N",
      defaultValue = "1,8",
      description = "Clients at a time, separated by commas (${DEFAULT-VALUE}).")
  private List<Integer> connections = List.of();

  @Option(
      names = "--data",
      paramLabel = "SIZE",
      defaultValue = "512MiB",
      description = "Bytes of all values of a size, in each server (${DEFAULT-VALUE}).")
  private ByteSize data = new ByteSize(1);

  @Option(
      names = "--millis",
      paramLabel = "N",
      defaultValue = "2000",
      description = "Milliseconds of one measurement (${DEFAULT-VALUE}).")
  private int millis;

  @Option(
      names = "--pairs",
      paramLabel = "N",
      defaultValue = "3",
      description = "Measurements of each server, in turns (${DEFAULT-VALUE}).")
  private int pairs;

  @Option(
      names = "--store",
      paramLabel = "DIR",
      description = "Have our server keep values on this disk, too; Redis keeps them in memory.")
  private Optional<Path> store = Optional.empty();

  @Option(
      names = "--context",
      paramLabel = "TOKENS",
      description =
          "Attend a context of so many tokens in our server, beside fetching it and attending"
              + " here.")
  private Optional<Integer> context = Optional.empty();

  @Mixin private FormatOption format = new FormatOption();

  @Override
  protected ExitCode perform(Console console, Cleanup cleanup)
      throws IOException, InterruptedException {
    check();
    Path work = cleanup.add(TemporaryFolder.create()).path();
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
    RedisPeer redis = cleanup.add(RedisPeer.start(path, work));
    Sidecar sidecar = sidecar(cleanup, new Models(List.of()));
    ServeBench bench =
        new ServeBench(
            new ServeBench.Settings(sizes, connections, data.bytes(), millis, pairs),
            sidecar.address(),
            redis.address(),
            Workers.daemons("varve-client"));
    int parts = 2 * sizes.size() * connections.size() + 1;
    List<Comparison> rates;
    List<Finding> times;
    try (ProgressBar bar = console.progress("serve", "parts")) {
      bar.show(0, parts);
      rates = bench.rates(done -> bar.show(done, parts));
      times = bench.times(done -> bar.show(done, parts));
    }
    String title =
        "%s of values of a size, %d measurements of %d ms each; ours %s (%s), redis-server in memory."
            .formatted(
                data,
                pairs,
                millis,
                store.isPresent() ? "in memory and on SSD" : "in memory",
                sidecar.transport().reason());
    ServeReport report = new ServeReport(title, rates, times, contexts(cleanup), NOTES);
    format.print(console, report, () -> report.render(console.lines()));
    return ExitCode.OK;
  }

  private void check() {
    for (ByteSize size : sizes) {
      if (size.bytes() > MOST_VALUE) {
        throw misuse("--sizes must be at most 512 MiB: " + size);
      }
    }
    for (int count : connections) {
      inRange("--connections", count, 1, MOST_CONNECTIONS);
    }
    inRange("--millis", millis, LEAST_MILLIS, MOST_MILLIS);
    inRange("--pairs", pairs, 1, MOST_PAIRS);
    if (context.isPresent()) {
      inRange("--context", context.get(), 1, MOST_CONTEXT);
    }
  }

  private List<Finding> contexts(Cleanup cleanup) throws IOException {
    if (context.isEmpty()) {
      return List.of();
    }
    int tokens = ContextBench.whole(context.get());
    KvCache kept = cleanup.add(ContextBench.open(tokens));
    Sidecar server = sidecar(cleanup, ContextBench.models(kept));
    return ContextBench.run(kept, server.address(), tokens, pairs, Workers.daemons("varve-client"));
  }

  private Sidecar sidecar(Cleanup cleanup, Models models) throws IOException {
    BenchServer server = new BenchServer(data);
    store.ifPresent(folder -> server.setting("tiers.ssd", folder.toString()));
    return server.start(models, cleanup);
  }

  private static final List<String> NOTES =
      List.of(
          "Bytes of values a second, received or sent by the clients, which share this process and"
              + " its processors with our server. goal: P10 with --data 2GiB, P11.");
}
