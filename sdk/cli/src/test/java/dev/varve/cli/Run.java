package dev.varve.cli;

import java.io.PrintWriter;
import java.io.StringWriter;

/** What one command printed in this process. */
public record Run(int exitCode, String out, String err) {

  /** Runs {@code varve arguments...}. */
  public static Run of(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    return new Run(code, out.toString(), err.toString());
  }
}
