package dev.varve.cli.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Groups what is measured once for a model. */
@Command(
    name = "calibrate",
    description =
        "Measures what policies and codecs want to know about a model, once for each model.",
    subcommands = {CalibrateHeadsCommand.class, CalibrateCodecCommand.class})
final class CalibrateCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "Say what to calibrate: " + String.join(", ", spec.subcommands().keySet()) + ".");
  }
}
