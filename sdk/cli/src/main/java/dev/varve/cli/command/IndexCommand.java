package dev.varve.cli.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Groups what works on the index of a prefix. */
@Command(
    name = "index",
    description = "Builds and shows the index of a prefix. Alone it says what it can do.",
    subcommands = {IndexBuildCommand.class, IndexInspectCommand.class})
final class IndexCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "Say what to do: " + String.join(", ", spec.subcommands().keySet()) + ".");
  }
}
