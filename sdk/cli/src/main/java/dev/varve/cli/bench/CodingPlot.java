package dev.varve.cli.bench;

import java.math.BigDecimal;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/**
 * Error or loss against bits, as a drawing in SVG: logarithmic upwards, levels of a family joined.
 */
public final class CodingPlot {
  /**
   * What is drawn upwards.
   *
   * @param title says what it is
   * @param grid where lines are drawn
   * @param of its value
   */
  private record Axis(
      String title,
      double least,
      double most,
      List<Double> grid,
      ToDoubleFunction<CodingFinding> of) {

    double y(double value) {
      double part = Math.log(value / least) / Math.log(most / least);
      return HEIGHT - BOTTOM - Math.clamp(part, 0.0, 1.0) * (HEIGHT - TOP - BOTTOM);
    }

    double y(CodingFinding coding) {
      return y(of.applyAsDouble(coding));
    }
  }

  private static final int WIDTH = 820;
  private static final int HEIGHT = 520;
  private static final int LEFT = 70;
  private static final int RIGHT = 20;
  private static final int TOP = 40;
  private static final int BOTTOM = 50;
  private static final double MOST_BITS = 9;
  private static final List<Double> ERRORS = List.of(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5);
  private static final List<Double> LOSSES = List.of(0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05);

  private CodingPlot() {}

  /** Error of attention outputs; codings without error, and those beyond 9 bits, are left out. */
  public static String svg(List<CodingFinding> codings) {
    Axis axis =
        new Axis(
            "Relative error of attention outputs against bits per value",
            0.003,
            0.7,
            ERRORS,
            CodingFinding::outputError);
    return draw(codings, axis, coding -> coding.outputError() > 0);
  }

  /**
   * Loss of the next token beyond that of the first coding, which is the exact one; what lies below
   * the lowest line is drawn at the bottom.
   */
  public static String loss(List<CodingFinding> codings) {
    double exact = codings.isEmpty() ? 0 : codings.getFirst().nextTokenLoss().orElse(0);
    Axis axis =
        new Axis(
            "Nats a token that are lost, against bits per value; at the bottom: less than can be"
                + " told",
            0.0003,
            0.07,
            LOSSES,
            coding -> Math.max(1e-9, coding.nextTokenLoss().orElse(exact) - exact));
    return draw(codings, axis, coding -> coding.nextTokenLoss().isPresent());
  }

  private static String draw(
      List<CodingFinding> codings, Axis axis, Predicate<CodingFinding> drawn) {
    StringBuilder svg = new StringBuilder();
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\""
                + " font-family=\"sans-serif\" font-size=\"12\">\n"
                + "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
            WIDTH,
            HEIGHT));
    text(svg, LEFT, 20, axis.title);
    text(svg, WIDTH / 2.0 - 40, HEIGHT - 12, "bits per value");
    for (double value : axis.grid) {
      line(svg, LEFT, axis.y(value), WIDTH - RIGHT, axis.y(value));
      text(svg, 20, axis.y(value) + 4, BigDecimal.valueOf(value).toPlainString());
    }
    for (int bits = 1; bits <= MOST_BITS; bits++) {
      line(svg, x(bits), TOP, x(bits), HEIGHT - BOTTOM);
      text(svg, x(bits) - 3, HEIGHT - BOTTOM + 18, String.valueOf(bits));
    }
    List<CodingFinding> seen =
        codings.stream()
            .filter(coding -> coding.bitsPerValue() <= MOST_BITS && drawn.test(coding))
            .toList();
    joined(svg, seen, axis, "bitstream", "#1b6ca8");
    joined(svg, seen, axis, "aquakv", "#2e8b57");
    joined(svg, seen, axis, "kvquant", "#b8860b");
    joined(svg, seen, axis, "CacheGen", "#b03a2e");
    seen.forEach(coding -> point(svg, axis, coding));
    return svg.append("</svg>\n").toString();
  }

  private static void joined(
      StringBuilder svg, List<CodingFinding> codings, Axis axis, String family, String color) {
    StringBuilder points = new StringBuilder();
    codings.stream()
        .filter(coding -> coding.name().startsWith(family))
        .sorted(Comparator.comparingDouble(bits()))
        .forEach(coding ->
            points.append(
                String.format(
                    Locale.ROOT, "%.1f,%.1f ", x(coding.bitsPerValue()), axis.y(coding))));
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

  private static void point(StringBuilder svg, Axis axis, CodingFinding coding) {
    double x = x(coding.bitsPerValue());
    double y = axis.y(coding);
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
}
