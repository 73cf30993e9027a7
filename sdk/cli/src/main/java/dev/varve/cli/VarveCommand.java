package dev.varve.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The root of all commands; alone it does nothing and says so. */
@Command(
    name = "varve",
    description = "Keeps the KV cache of long-context language models.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:the command did what was asked",
      "1:it failed; the message says why",
      "2:it was called wrongly",
      "3:the launcher found no JDK or no Maven, or the build failed"
    })
final class VarveCommand implements Runnable {
  @Spec private CommandSpec spec;

  VarveCommand() {
    this.spec = CommandSpec.create();
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Say which command to run.");
  }
}
