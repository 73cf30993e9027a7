package dev.varve.cli.text;

import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An amount of bytes as people write it: {@code 4096}, {@code 64MiB}, {@code 1.5 GB}. KB, MB, GB
 * and TB are powers of 1,000; KiB and so on, and K, M, G, T alone, are powers of 1,024.
 *
 * @param bytes at least 1
 */
public record ByteSize(long bytes) {

  private static final Pattern FORM =
      Pattern.compile("(\\d+(?:\\.\\d+)?) ?(?:([KMGT])(i?B)?|B)?", Pattern.CASE_INSENSITIVE);
  private static final String UNITS = "KMGT";
  private static final List<String> NAMES = List.of("B", "KiB", "MiB", "GiB", "TiB");

  public ByteSize {
    if (bytes < 1) {
      throw new IllegalArgumentException("a size must be at least 1 byte: " + bytes);
    }
  }

  /** Reads a size; refuses what is not one, or does not fit in 63 bits. */
  public static ByteSize parse(String text) {
    Matcher matcher = FORM.matcher(text.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' is no size: write bytes or a unit, as in 4096, 64MiB, 1.5GB");
    }
    BigDecimal number = new BigDecimal(matcher.group(1)).multiply(unit(matcher));
    if (number.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
      throw new IllegalArgumentException("'" + text + "' is more than 2^63 bytes");
    }
    return new ByteSize(number.longValue());
  }

  private static BigDecimal unit(Matcher matcher) {
    if (matcher.group(2) == null) {
      return BigDecimal.ONE;
    }
    int power = 1 + UNITS.indexOf(matcher.group(2).toUpperCase(Locale.ROOT));
    boolean decimal = "B".equalsIgnoreCase(matcher.group(3));
    return BigDecimal.valueOf(decimal ? 1000 : 1024).pow(power);
  }

  /** {@code bytes} with one decimal in the largest unit below it, as in {@code 5.3 MiB}. */
  public static String format(long bytes) {
    double value = bytes;
    int unit = 0;
    while (value >= 1024 && unit + 1 < NAMES.size()) {
      value /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", value, NAMES.get(unit));
  }

  @Override
  public String toString() {
    return format(bytes);
  }
}
