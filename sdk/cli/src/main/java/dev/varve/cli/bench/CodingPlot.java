package dev.varve.cli.bench;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** Error against bits, as a drawing in SVG: logarithmic upwards, the bitstream's levels joined. */
public final class CodingPlot {
  private static final int WIDTH = 820;
  private static final int HEIGHT = 520;
  private static final int LEFT = 70;
  private static final int RIGHT = 20;
  private static final int TOP = 40;
  private static final int BOTTOM = 50;
  private static final double MOST_BITS = 9;
  private static final double LEAST_ERROR = 0.003;
  private static final double MOST_ERROR = 0.7;
  private static final double[] GRID = {0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5};

  private CodingPlot() {}

  /** The drawing; codings without loss, and those beyond 9 bits, are left out. */
  public static String svg(List<CodingFinding> codings) {
    StringBuilder svg = new StringBuilder();
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\""
                + " font-family=\"sans-serif\" font-size=\"12\">\n"
                + "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
            WIDTH,
            HEIGHT));
    text(svg, LEFT, 20, "Relative error of attention outputs against bits per value");
    text(svg, WIDTH / 2.0 - 40, HEIGHT - 12, "bits per value");
    for (double error : GRID) {
      line(svg, LEFT, y(error), WIDTH - RIGHT, y(error));
      text(svg, 20, y(error) + 4, String.format(Locale.ROOT, "%.3f", error));
    }
    for (int bits = 1; bits <= MOST_BITS; bits++) {
      line(svg, x(bits), TOP, x(bits), HEIGHT - BOTTOM);
      text(svg, x(bits) - 3, HEIGHT - BOTTOM + 18, String.valueOf(bits));
    }
    List<CodingFinding> seen =
        codings.stream()
            .filter(coding -> coding.bitsPerValue() <= MOST_BITS && coding.outputError() > 0)
            .toList();
    joined(svg, seen, "bitstream", "#1b6ca8");
    joined(svg, seen, "CacheGen", "#b03a2e");
    seen.forEach(coding -> point(svg, coding));
    return svg.append("</svg>\n").toString();
  }

  private static void joined(
      StringBuilder svg, List<CodingFinding> codings, String family, String color) {
    StringBuilder points = new StringBuilder();
    codings.stream()
        .filter(coding -> coding.name().startsWith(family))
        .sorted(Comparator.comparingDouble(bits()))
        .forEach(coding ->
            points.append(
                String.format(
                    Locale.ROOT, "%.1f,%.1f ", x(coding.bitsPerValue()), y(coding.outputError()))));
    svg.append(
        String.format(
            Locale.ROOT,
            "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>\n",
            points.toString().strip(),
            color));
  }

  private static ToDoubleFunction<CodingFinding> bits() {
    return CodingFinding::bitsPerValue;
  }

  private static void point(StringBuilder svg, CodingFinding coding) {
    double x = x(coding.bitsPerValue());
    double y = y(coding.outputError());
    svg.append(
        String.format(
            Locale.ROOT, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"#333\"/>\n", x, y));
    text(svg, x + 6, y - 5, coding.name());
  }

  private static void line(StringBuilder svg, double x1, double y1, double x2, double y2) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#ddd\"/>\n",
            x1,
            y1,
            x2,
            y2));
  }

  private static void text(StringBuilder svg, double x, double y, String text) {
    svg.append(String.format(Locale.ROOT, "<text x=\"%.1f\" y=\"%.1f\">%s</text>\n", x, y, text));
  }

  private static double x(double bits) {
    return LEFT + bits / MOST_BITS * (WIDTH - LEFT - RIGHT);
  }

  private static double y(double error) {
    double part = Math.log(error / LEAST_ERROR) / Math.log(MOST_ERROR / LEAST_ERROR);
    return HEIGHT - BOTTOM - Math.clamp(part, 0.0, 1.0) * (HEIGHT - TOP - BOTTOM);
  }
}
