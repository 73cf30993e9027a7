package dev.varve.cli.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Groups what can be done to an SSD store that no process has open. */
@Command(
    name = "store",
    description =
        "Looks at, repairs and shrinks an SSD store that no process has open. Alone it says which"
            + " commands there are.",
    subcommands = {
      StoreVerifyCommand.class,
      StoreRepairCommand.class,
      StoreStatsCommand.class,
      StoreUsageCommand.class,
      StoreDeleteCommand.class,
      StoreCompactCommand.class
    })
final class StoreCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "Say what to do with the store: " + String.join(", ", spec.subcommands().keySet()) + ".");
  }
}
