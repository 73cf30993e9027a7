package dev.varve.cli.run;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Passes on what a child says on standard error as it comes, but for the line that every JVM prints
 * about its incubator modules: the parent has printed it already. For one thread.
 */
final class StandardErrorRelay implements Runnable {

  private static final String DROPPED = "WARNING: Using incubator modules";

  private final InputStream source;
  private final Consumer<String> sink;
  private final StringBuilder pending = new StringBuilder();
  private int matched;

  StandardErrorRelay(InputStream source, Consumer<String> sink) {
    this.source = source;
    this.sink = sink;
  }

  @Override
  public void run() {
    try (Reader reader =
        new BufferedReader(new InputStreamReader(source, StandardCharsets.UTF_8))) {
      for (int c = reader.read(); c >= 0; c = reader.read()) {
        accept((char) c);
        if (!reader.ready()) {
          flush();
        }
      }
      if (matched > 0 && matched < DROPPED.length()) {
        pending.append(DROPPED, 0, matched);
      }
      flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@code matched} counts what the line has of the dropped one; -1 once it is another. */
  private void accept(char c) {
    if (matched == DROPPED.length()) {
      matched = c == '\n' ? 0 : matched;
      return;
    }
    if (matched >= 0 && c == DROPPED.charAt(matched)) {
      matched++;
      return;
    }
    if (matched > 0) {
      pending.append(DROPPED, 0, matched);
    }
    pending.append(c);
    matched = c == '\n' ? 0 : -1;
  }

  private void flush() {
    if (!pending.isEmpty()) {
      sink.accept(pending.toString());
      pending.setLength(0);
    }
  }
}
