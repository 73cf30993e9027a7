package dev.varve.cli.text;

import java.util.Locale;

/** Numbers as tables show them. */
public final class Numbers {
  private Numbers() {}

  /** With commas between thousands. */
  public static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /** Seconds, or milliseconds below one. */
  public static String duration(double seconds) {
    if (seconds >= 1) {
      return String.format(Locale.ROOT, "%.2f s", seconds);
    }
    double millis = seconds * 1e3;
    return String.format(Locale.ROOT, millis >= 10 ? "%.0f ms" : "%.1f ms", millis);
  }

  /** A time in microseconds. */
  public static String micros(double seconds) {
    return String.format(Locale.ROOT, "%,.0f \u00b5s", seconds * 1e6);
  }

  /** Things per second. */
  public static String rate(double perSecond, String unit) {
    return String.format(
        Locale.ROOT, perSecond >= 100 ? "%,.0f %s/s" : "%.1f %s/s", perSecond, unit);
  }

  /** A ratio with two decimals. */
  public static String ratio(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  /** A share with as many decimals as it needs, four at most. */
  public static String share(double value) {
    return String.format(Locale.ROOT, "%.4f", value).replaceAll("\\.?0+$", "");
  }

  /** Bytes per second in GB, powers of 1,000. */
  public static String gigabytes(double bytesPerSecond) {
    return String.format(Locale.ROOT, "%.2f GB/s", bytesPerSecond / 1e9);
  }
}
