package dev.varve.cli;

/** Ends a command with one sentence and an exit code. */
public class CommandFailure extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final ExitCode exitCode;

  public CommandFailure(ExitCode exitCode, String sentence) {
    super(sentence);
    this.exitCode = exitCode;
  }

  public CommandFailure(ExitCode exitCode, String sentence, Throwable cause) {
    super(sentence, cause);
    this.exitCode = exitCode;
  }

  /** Ends a command that has nothing to add to what its child process said. */
  public static CommandFailure alreadySaid(ExitCode exitCode) {
    return new CommandFailure(exitCode, "");
  }

  /** What to tell the shell. */
  public ExitCode exitCode() {
    return exitCode;
  }
}
