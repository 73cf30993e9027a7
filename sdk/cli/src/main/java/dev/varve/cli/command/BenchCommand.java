package dev.varve.cli.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Groups the benchmarks. */
@Command(
    name = "bench",
    description =
        "Measures our rates beside a probe of the physical limit, in the same run. Alone it says"
            + " which benchmarks there are.",
    subcommands = {
      BenchAttentionCommand.class,
      BenchCodecCommand.class,
      BenchEvictCommand.class,
      BenchForgettingCommand.class,
      BenchGpuCommand.class,
      BenchHandoverCommand.class,
      BenchIndexCommand.class,
      BenchLlamacppCommand.class,
      BenchMovingCommand.class,
      BenchQuantCommand.class,
      BenchReplacementCommand.class,
      BenchSelectCommand.class,
      BenchServeCommand.class,
      BenchStoreCommand.class
    })
final class BenchCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "Say which benchmark to run: " + String.join(", ", spec.subcommands().keySet()) + ".");
  }
}
