package dev.varve.cli.command;

import dev.varve.attention.file.IndexFile;
import dev.varve.attention.policy.SelectorPolicy;
import dev.varve.cli.Console;
import dev.varve.cli.ExitCode;
import dev.varve.cli.capture.StoredRun;
import dev.varve.cli.run.Cleanup;
import dev.varve.cli.select.IndexBuild;
import dev.varve.cli.select.StoredIndices;
import dev.varve.store.kernel.Backends;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes the index of a capture's prefix. */
@Command(
    name = "build",
    description =
        "Builds the index that a read policy keeps beside a prefix, from the keys of a capture.")
final class IndexBuildCommand extends Task {

  @Mixin private PolicyOption policy = new PolicyOption();

  @Parameters(paramLabel = "FILE", description = "A file of varve capture.")
  private Path file = Path.of("");

  @Option(names = "--out", paramLabel = "FILE", required = true, description = "The file to write.")
  private Path out = Path.of("");

  @Option(
      names = "--tokens",
      paramLabel = "N",
      description = "Tokens of the prefix (those before the first stored query).")
  private Optional<Integer> tokens = Optional.empty();

  @Option(names = "--force", description = "Replace the file if it exists.")
  private boolean force;

  @Mixin private KindMixin kind = new KindMixin();

  @Mixin private FormatOption format = new FormatOption();

  @Override
  protected ExitCode perform(Console console, Cleanup cleanup) throws IOException {
    SelectorPolicy chosen = policy.required();
    checkTarget(out, force);
    try (Arena arena = Arena.ofConfined();
        StoredRun capture = kind.run(file, arena)) {
      int before = capture.queryFirst() > 0 ? capture.queryFirst() : capture.tokens();
      int prefix = tokens.orElse(before);
      if (prefix < 1 || prefix > capture.tokens()) {
        throw misuse(
            "--tokens must lie between 1 and the %d of the capture: %d"
                .formatted(capture.tokens(), prefix));
      }
      Backends.Choice choice = Backends.choose(Optional.empty());
      IndexFile index = new IndexBuild(capture, chosen, choice.backend()).build(prefix);
      StoredIndices.write(index, out);
      StoredIndices shown = StoredIndices.of(index);
      format.print(console, shown, () -> shown.render(console.lines()));
    }
    return ExitCode.OK;
  }
}
