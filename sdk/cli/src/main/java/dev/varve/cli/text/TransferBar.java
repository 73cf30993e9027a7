package dev.varve.cli.text;

import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** One line that fills up with bytes, their rate and the time that is left. For one thread. */
public final class TransferBar implements AutoCloseable {

  private static final int WIDTH = 24;
  private static final long PAUSE_NANOS = 100_000_000;
  private static final double NANOS = 1e9;

  private final Consumer<String> screen;
  private final String label;
  private final LongSupplier clock;
  private final long began;
  private long drawnAt;
  private int drawn;

  /**
   * A bar on {@code screen}, which takes what is drawn, carriage returns included.
   *
   * @param clock nanoseconds
   */
  public TransferBar(Consumer<String> screen, String label, LongSupplier clock) {
    this.screen = screen;
    this.label = label;
    this.clock = clock;
    this.began = clock.getAsLong();
    this.drawnAt = began - PAUSE_NANOS;
  }

  /** Draws {@code done} of {@code total} bytes, ten times a second at most. */
  public void show(long done, long total) {
    long now = clock.getAsLong();
    if (done < total && now - drawnAt < PAUSE_NANOS) {
      return;
    }
    drawnAt = now;
    int filled = total == 0 ? WIDTH : (int) (WIDTH * (double) done / total);
    double rate = done / Math.max(1e-3, (now - began) / NANOS);
    String line =
        "%s [%s%s] %s of %s, %s/s%s"
            .formatted(
                label,
                "#".repeat(filled),
                ".".repeat(WIDTH - filled),
                ByteSize.format(done),
                ByteSize.format(total),
                ByteSize.format((long) rate),
                left(done, total, rate));
    screen.accept('\r' + line + " ".repeat(Math.max(0, drawn - line.length())));
    drawn = line.length();
  }

  private static String left(long done, long total, double rate) {
    if (done == 0 || done >= total) {
      return "";
    }
    long seconds = Math.round((total - done) / rate);
    return seconds < 60
        ? ", " + seconds + " s left"
        : String.format(Locale.ROOT, ", %d:%02d min left", seconds / 60, seconds % 60);
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
