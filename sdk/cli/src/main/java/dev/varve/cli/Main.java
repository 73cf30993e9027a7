package dev.varve.cli;

import dev.varve.cli.command.VarveCommand;
import java.io.PrintWriter;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine;

/** Entry point of the {@code varve} command. */
public final class Main {
  /** Chronicle's own logger; held here, or its level would be forgotten. */
  private static final Logger CHRONICLE = Logger.getLogger("net.openhft");

  private Main() {}

  /** Runs one command and ends the process with its exit code. */
  public static void main(String[] args) {
    CHRONICLE.setLevel(Level.SEVERE);
    CommandLine command = VarveCommand.commandLine(Screen.ofThisProcess());
    command.setOut(Console.standardOut()).setErr(Console.standardError());
    System.exit(command.execute(args));
  }

  /**
   * Runs one command in this process, without progress bars and in plain ASCII decoration.
   *
   * @return an {@link ExitCode}
   */
  public static int run(PrintWriter out, PrintWriter err, String... args) {
    return VarveCommand.commandLine(Screen.NONE).setOut(out).setErr(err).execute(args);
  }
}
