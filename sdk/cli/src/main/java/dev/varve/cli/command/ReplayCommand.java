package dev.varve.cli.command;

import dev.varve.cli.CommandFailure;
import dev.varve.cli.Console;
import dev.varve.cli.ExitCode;
import dev.varve.cli.run.Cleanup;
import dev.varve.cli.text.Numbers;
import dev.varve.cli.text.ProgressBar;
import dev.varve.cli.text.Table;
import dev.varve.offload.replacement.PolicyKind;
import dev.varve.offload.replay.Replay;
import dev.varve.offload.replay.ReplayChart;
import dev.varve.offload.replay.ReplayRow;
import dev.varve.offload.replay.ReplayTable;
import dev.varve.offload.replay.Trace;
import dev.varve.offload.replay.TraceFormatException;
import dev.varve.offload.replay.TraceReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Compares replacement policies on a trace. */
@Command(
    name = "replay",
    description =
        "Replays a trace of requests against replacement policies and prints what caches of"
            + " several capacities would have served, beside the best possible and an infinite"
            + " one.")
final class ReplayCommand extends Task {

  private static final String ALL = "all";

  @Parameters(
      paramLabel = "TRACE",
      description =
          "JSON lines with timestamp (ms), input_length (tokens) and hash_ids (chunks of 512"
              + " tokens); unpacked if the name ends in .gz.")
  private Path trace = Path.of("");

  @Option(
      names = "--capacity",
      split = ",",
      paramLabel = "CHUNKS",
      defaultValue = "1000,3000,6000,10000,30000",
      description = "Capacities in chunks, separated by commas (default: ${DEFAULT-VALUE}).")
  private List<Integer> capacities = List.of();

  @Option(
      names = "--policy",
      split = ",",
      paramLabel = "NAME",
      defaultValue = ALL,
      description = "Policies, separated by commas, or all (default: ${DEFAULT-VALUE}).")
  private List<String> policies = List.of();

  @Mixin private FormatOption format = new FormatOption();

  @Option(
      names = "--chart",
      paramLabel = "FILE",
      description = "Draw hit ratio over capacity into this .svg or .html file.")
  private Optional<Path> chart = Optional.empty();

  @Override
  protected ExitCode perform(Console console, Cleanup cleanup) throws IOException {
    List<PolicyKind> kinds = kinds();
    checkOptions();
    Trace read = read();
    List<ReplayRow> rows = replay(console, read, kinds);
    if (chart.isPresent()) {
      Path file = chart.get();
      Files.writeString(file, html(file) ? ReplayChart.html(rows) : ReplayChart.svg(rows));
    }
    format.print(
        console,
        rows.stream().map(ReplayCommand::json).toList(),
        () -> table(rows).render(console.lines()));
    return ExitCode.OK;
  }

  private List<PolicyKind> kinds() {
    if (policies.equals(List.of(ALL))) {
      return List.of(PolicyKind.values());
    }
    try {
      return policies.stream().map(PolicyKind::named).distinct().toList();
    } catch (IllegalArgumentException e) {
      throw misuse("--policy: " + e.getMessage() + ", all.");
    }
  }

  private void checkOptions() {
    for (int capacity : capacities) {
      if (capacity < 1) {
        throw misuse("--capacity must be at least 1 chunk: " + capacity + ".");
      }
    }
    if (chart.filter(file -> !html(file) && !file.toString().endsWith(".svg")).isPresent()) {
      throw misuse("--chart must end in .svg or .html: " + chart.get() + ".");
    }
  }

  private static boolean html(Path file) {
    return file.toString().endsWith(".html");
  }

  private Trace read() throws IOException {
    try {
      return TraceReader.read(trace);
    } catch (TraceFormatException e) {
      throw new CommandFailure(ExitCode.NO, e.getMessage() + ".", e);
    }
  }

  private List<ReplayRow> replay(Console console, Trace read, List<PolicyKind> kinds) {
    List<Integer> sizes = capacities.stream().distinct().toList();
    int total = (kinds.size() + 2) * sizes.size();
    int[] done = {0};
    try (ProgressBar bar = console.progress("Replaying", "runs")) {
      return ReplayTable.run(new Replay(read), kinds, sizes, row -> bar.show(++done[0], total));
    }
  }

  private static Table table(List<ReplayRow> rows) {
    Table table = new Table("policy", "capacity", "block hits", "prefix hits", "tokens saved");
    for (ReplayRow row : rows) {
      table.row(
          row.policy(),
          Numbers.count(row.capacity()),
          String.format(Locale.ROOT, "%.4f", row.score().hitRatio()),
          String.format(Locale.ROOT, "%.4f", row.score().prefixHitRatio()),
          Numbers.count(row.score().tokensSaved()));
    }
    return table;
  }

  private static Map<String, Object> json(ReplayRow row) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("policy", row.policy());
    object.put("capacity", row.capacity());
    object.put("hit_ratio", row.score().hitRatio());
    object.put("prefix_hit_ratio", row.score().prefixHitRatio());
    object.put("tokens_saved", row.score().tokensSaved());
    return object;
  }
}
