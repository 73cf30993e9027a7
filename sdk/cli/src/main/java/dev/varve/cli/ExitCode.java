package dev.varve.cli;

import java.util.Arrays;

/** What the end of a command tells the shell. */
public enum ExitCode {
  /** The command did what was asked. */
  OK(0),
  /** The command ran and the answer is no, or it failed on the way. */
  NO(1),
  /** The command was called wrongly. */
  USAGE(2),
  /** The environment lacks something: a file, a permission, space, memory, a JDK. */
  ENVIRONMENT(3);

  private final int code;

  ExitCode(int code) {
    this.code = code;
  }

  /** What the exit code of a child process means; one that is none of ours is {@link #NO}. */
  public static ExitCode of(int code) {
    return Arrays.stream(values()).filter(exit -> exit.code == code).findFirst().orElse(NO);
  }

  /** The number. */
  public int code() {
    return code;
  }
}
