package dev.varve.cli;

import dev.varve.cli.text.ProgressBar;
import dev.varve.cli.text.TransferBar;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The one class that prints. Results go to standard output, everything else to standard error;
 * {@code quiet} silences notes and progress, never results or errors. Text is UTF-8.
 */
public final class Console {

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
          .disable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .build();

  private final PrintWriter out;
  private final PrintWriter err;
  private final Screen screen;
  private final boolean quiet;

  public Console(PrintWriter out, PrintWriter err, Screen screen, boolean quiet) {
    this.out = out;
    this.err = err;
    this.screen = screen;
    this.quiet = quiet;
  }

  /** Standard output of this process. */
  public static PrintWriter standardOut() {
    return writer(System.out);
  }

  /** Standard error of this process. */
  public static PrintWriter standardError() {
    return writer(System.err);
  }

  private static PrintWriter writer(OutputStream stream) {
    return new PrintWriter(stream, true, StandardCharsets.UTF_8);
  }

  /** Whether tables may use box-drawing characters. */
  public boolean lines() {
    return screen.lines();
  }

  /** Prints a part of a result, as it comes. */
  public void print(String text) {
    out.print(text);
    out.flush();
  }

  /** Prints a line of a result. */
  public void println(String line) {
    out.print(line + '\n');
    out.flush();
  }

  /** Prints a result as one JSON document. */
  public void json(Object value) {
    println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(value));
  }

  /** Prints a result as one line of JSON. */
  public void jsonLine(Object value) {
    println(JSON.writeValueAsString(value));
  }

  /** Prints a line beside the result, unless quiet. */
  public void note(String line) {
    if (!quiet) {
      err.print(line + '\n');
      err.flush();
    }
  }

  /** Passes on what a child process says on its standard error. */
  public void relay(String text) {
    err.print(text);
    err.flush();
  }

  /** Whether progress bars are drawn. */
  public boolean drawsProgress() {
    return screen.progress() && !quiet;
  }

  /** A bar on standard error; it draws nothing where that is no terminal, or if quiet. */
  public ProgressBar progress(String label, String unit) {
    return new ProgressBar(drawsProgress() ? this::relay : text -> {}, label, unit);
  }

  /** The same for bytes, with their rate and the time that is left. */
  public TransferBar transfer(String label) {
    return new TransferBar(drawsProgress() ? this::relay : text -> {}, label, System::nanoTime);
  }
}
