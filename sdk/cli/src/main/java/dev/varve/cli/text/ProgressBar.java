package dev.varve.cli.text;

import java.util.Locale;
import java.util.function.Consumer;

/** One line that fills up and vanishes when closed. For one thread. */
public final class ProgressBar implements AutoCloseable {

  private static final int WIDTH = 30;

  private final Consumer<String> screen;
  private final String label;
  private final String unit;
  private int drawn;

  /** A bar on {@code screen}, which takes what is drawn, carriage returns included. */
  public ProgressBar(Consumer<String> screen, String label, String unit) {
    this.screen = screen;
    this.label = label;
    this.unit = unit;
  }

  /** Draws {@code done} of {@code total}. */
  public void show(long done, long total) {
    int filled = (int) (total == 0 ? 0 : WIDTH * done / total);
    String line =
        String.format(
            Locale.ROOT,
            "%s [%s%s] %,d of %,d %s",
            label,
            "#".repeat(filled),
            ".".repeat(WIDTH - filled),
            done,
            total,
            unit);
    screen.accept('\r' + line + " ".repeat(Math.max(0, drawn - line.length())));
    drawn = line.length();
  }

  /** Clears the line. */
  @Override
  public void close() {
    if (drawn > 0) {
      screen.accept('\r' + " ".repeat(drawn) + '\r');
      drawn = 0;
    }
  }
}
