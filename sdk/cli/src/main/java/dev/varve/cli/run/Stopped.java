package dev.varve.cli.run;

import dev.varve.cli.CommandFailure;
import dev.varve.cli.ExitCode;

/** Ends work because the process was told to end. */
public final class Stopped extends CommandFailure {

  private static final long serialVersionUID = 1L;

  Stopped() {
    super(ExitCode.NO, "stopped");
  }

  private Stopped(String sentence, Stopped cause) {
    super(ExitCode.NO, sentence, cause);
  }

  /** The same, saying what was left. */
  public Stopped leaving(String what) {
    return new Stopped("stopped: " + what, this);
  }
}
