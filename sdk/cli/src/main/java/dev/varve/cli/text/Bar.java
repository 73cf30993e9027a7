package dev.varve.cli.text;

/** A horizontal bar of characters. */
public final class Bar {

  private static final String EIGHTHS = " \u258f\u258e\u258d\u258c\u258b\u258a\u2589";
  private static final char FULL = '\u2588';

  private Bar() {}

  /**
   * A bar that fills {@code fraction} of {@code width}.
   *
   * @param fraction 0 to 1
   * @param lines block characters may be used, in eighths; else only {@code #}
   */
  public static String of(double fraction, int width, boolean lines) {
    double inside = Math.clamp(fraction, 0, 1) * width;
    if (!lines) {
      return "#".repeat((int) Math.round(inside));
    }
    int full = (int) inside;
    int eighths = (int) ((inside - full) * 8);
    return String.valueOf(FULL).repeat(full)
        + (eighths == 0 ? "" : String.valueOf(EIGHTHS.charAt(eighths)));
  }
}
