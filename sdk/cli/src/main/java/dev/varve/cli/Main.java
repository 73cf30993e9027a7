package dev.varve.cli;

import java.io.PrintWriter;
import picocli.CommandLine;

/** Entry point of the {@code varve} command. */
public final class Main {
  private Main() {}

  /** Runs one command and ends the process with its exit code. */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  /**
   * Runs one command in this process.
   *
   * @return 0 if it did what was asked, 1 if it failed, 2 if it was called wrongly
   */
  public static int run(PrintWriter out, PrintWriter err, String... args) {
    return commandLine().setOut(out).setErr(err).execute(args);
  }

  private static CommandLine commandLine() {
    return new CommandLine(new VarveCommand());
  }
}
