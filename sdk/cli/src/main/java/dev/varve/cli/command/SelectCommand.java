package dev.varve.cli.command;

import dev.varve.attention.file.IndexFile;
import dev.varve.attention.index.DamagedIndexException;
import dev.varve.attention.policy.SelectorPolicies;
import dev.varve.attention.policy.SelectorPolicy;
import dev.varve.attention.select.SelectorStats;
import dev.varve.cli.CommandFailure;
import dev.varve.cli.Console;
import dev.varve.cli.ExitCode;
import dev.varve.cli.capture.StoredRun;
import dev.varve.cli.run.Cleanup;
import dev.varve.cli.select.SelectTable;
import dev.varve.cli.select.SelectedStep;
import dev.varve.cli.select.StoredIndices;
import dev.varve.cli.select.StoredSteps;
import dev.varve.cli.text.ProgressBar;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.Backends;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which stored keys the stored queries would read. */
@Command(
    name = "select",
    description = {
      "Runs a retrieval policy over the keys of a capture, with its queries as decode steps, and"
          + " prints the positions that each step reads.",
      "A query sees the keys up to its own position."
    })
final class SelectCommand extends Task {

  @Mixin private PolicyOption policy = new PolicyOption();

  @Option(
      names = "--index",
      paramLabel = "FILE",
      description = "A file of varve index build to begin with; it names its policy.")
  private Optional<Path> index = Optional.empty();

  @Parameters(
      paramLabel = "FILE",
      description = "A file with queries: one of varve capture, or made from one.")
  private Path file = Path.of("");

  @Mixin private KindMixin kind = new KindMixin();

  @Mixin private FormatOption format = new FormatOption();

  @Override
  protected ExitCode perform(Console console, Cleanup cleanup) throws IOException {
    Optional<IndexFile> stored = index.map(StoredIndices::read);
    SelectorPolicy chosen = policy(stored);
    try (Arena arena = Arena.ofConfined();
        StoredRun capture = kind.run(file, arena)) {
      if (capture.queryTokens() == 0) {
        throw new CommandFailure(
            ExitCode.ENVIRONMENT,
            file + ": holds no queries: capture it again with --queries last:N");
      }
      Backends.Choice choice = Backends.choose(Optional.empty());
      StoredSteps steps = steps(capture, chosen, stored, choice.backend());
      List<SelectedStep> selected = new ArrayList<>();
      SelectorStats stats = new SelectorStats(0, 0, 0, 0, 0);
      try (ProgressBar bar = console.progress("select", "layers")) {
        for (int layer = 0; layer < capture.layers(); layer++) {
          stats = stats.plus(steps.run(layer, selected::add));
          bar.show(layer + 1, capture.layers());
        }
      }
      SelectorStats all = stats;
      format.print(
          console,
          selected,
          () -> SelectTable.render(selected, capture.queryFirst(), all, console.lines()));
    }
    return ExitCode.OK;
  }

  private static StoredSteps steps(
      StoredRun capture, SelectorPolicy policy, Optional<IndexFile> stored, Backend backend) {
    try {
      return new StoredSteps(capture, policy, stored, backend);
    } catch (DamagedIndexException e) {
      throw new CommandFailure(ExitCode.ENVIRONMENT, String.valueOf(e.getMessage()), e);
    }
  }

  private SelectorPolicy policy(Optional<IndexFile> stored) {
    if (stored.isEmpty()) {
      return policy.required();
    }
    SelectorPolicy named = SelectorPolicies.parse(stored.get().policy());
    if (policy.given().isPresent() && !policy.given().get().equals(named)) {
      throw misuse(
          "--policy is %s, but the index was built for %s"
              .formatted(policy.given().get().text(), named.text()));
    }
    return named;
  }
}
