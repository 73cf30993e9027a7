package dev.varve.cli.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Groups what can be done for llama.cpp. */
@Command(
    name = "llamacpp",
    description = "Works on files of llama.cpp. Alone it says which commands there are.",
    subcommands = {LlamacppCacheCommand.class})
final class LlamacppCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "Say what to do: " + String.join(", ", spec.subcommands().keySet()) + ".");
  }
}
