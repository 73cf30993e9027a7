package dev.varve.cli.command;

import dev.varve.cli.Console;
import dev.varve.cli.ExitCode;
import dev.varve.cli.run.Cleanup;
import dev.varve.cli.select.StoredIndices;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Shows an index file. */
@Command(
    name = "inspect",
    description = "Checks an index file and shows its policy, what it was built from and its size.")
final class IndexInspectCommand extends Task {

  @Parameters(paramLabel = "FILE", description = "A file of varve index build.")
  private Path file = Path.of("");

  @Mixin private FormatOption format = new FormatOption();

  @Override
  protected ExitCode perform(Console console, Cleanup cleanup) {
    StoredIndices shown = StoredIndices.of(StoredIndices.read(file));
    format.print(console, shown, () -> shown.render(console.lines()));
    return ExitCode.OK;
  }
}
