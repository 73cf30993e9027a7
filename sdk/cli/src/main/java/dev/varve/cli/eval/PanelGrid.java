package dev.varve.cli.eval;

import dev.varve.cli.text.Html;
import dev.varve.cli.text.Numbers;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * One small picture for each policy, all with the same axes: a figure over the share of the memory
 * that is kept or read. The policy's own curves are drawn over those of all others in grey, so that
 * many can be compared without a legend; sizes of one policy are one curve. Solid where the
 * question was seen, dashed and in another colour where it was not.
 */
final class PanelGrid {
  private static final int WIDTH = 230;
  private static final int HEIGHT = 160;
  private static final int LEFT = 40;
  private static final int RIGHT = 222;
  private static final int TOP = 24;
  private static final int BOTTOM = 132;
  private static final int TICKS = 4;
  private static final int LONG_NAME = 30;

  private final Map<String, List<EvalRow>> byPolicy = new LinkedHashMap<>();
  private final ToDoubleFunction<EvalRow> figure;
  private final double least;
  private final double most;
  private final double top;
  private final List<Double> budgets;
  private final String id;

  /**
   * @param id of this grid in its page
   * @param rows at least one
   * @param figure what is drawn upwards, from 0; what is not a number is left out
   */
  PanelGrid(String id, List<EvalRow> rows, ToDoubleFunction<EvalRow> figure) {
    this.id = id;
    this.figure = figure;
    rows.forEach(row -> byPolicy.computeIfAbsent(row.family(), p -> new ArrayList<>()).add(row));
    this.budgets = BudgetTicks.of(rows);
    double low = rows.stream().mapToDouble(EvalRow::rowsAttended).min().orElseThrow();
    double high = rows.stream().mapToDouble(EvalRow::rowsAttended).max().orElseThrow();
    this.least = Math.log(budgets.stream().reduce(low, Math::min));
    this.most = Math.log(budgets.stream().reduce(high, Math::max));
    double highest = rows.stream().mapToDouble(figure).filter(Double::isFinite).max().orElse(0);
    this.top = roundUp(highest);
  }

  /** The next of 1, 2, 2.5 and 5 times a power of ten. */
  private static double roundUp(double value) {
    if (value <= 0) {
      return 1;
    }
    double power = Math.pow(10, Math.floor(Math.log10(value)));
    for (double step : new double[] {1, 2, 2.5, 5}) {
      if (value <= step * power * (1 + 1e-9)) {
        return step * power;
      }
    }
    return 10 * power;
  }

  /** The pictures, one after the other. */
  String draw() {
    StringBuilder html = new StringBuilder("<div class=\"grid\">\n");
    html.append("<svg class=\"shared\"><defs><g id=\"").append(id).append("\">\n");
    axes(html);
    byPolicy.values().forEach(rows -> curves(html, rows, "other"));
    html.append("</g></defs></svg>\n");
    byPolicy.keySet().forEach(policy -> html.append(panel(policy)));
    return html.append("</div>\n").toString();
  }

  private String panel(String policy) {
    StringBuilder svg = new StringBuilder();
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n",
            WIDTH,
            HEIGHT,
            Html.escaped(policy)));
    String name = policy.length() > LONG_NAME ? "name long" : "name";
    svg.append(text(4, 14, "start", name, policy));
    svg.append("<use href=\"#").append(id).append("\"/>\n");
    curves(svg, byPolicy.getOrDefault(policy, List.of()), "own");
    return svg.append("</svg>\n").toString();
  }

  private void axes(StringBuilder svg) {
    for (int tick = 0; tick <= TICKS; tick++) {
      double value = top * tick / TICKS;
      svg.append(line(LEFT, y(value), RIGHT, y(value)));
      svg.append(text(LEFT - 4, y(value) + 3, "end", "tick", Numbers.share(value)));
    }
    for (double budget : budgets) {
      double x = x(budget);
      svg.append(line(x, TOP, x, BOTTOM));
      svg.append(text(x, BOTTOM + 13, "middle", "tick", Numbers.share(budget)));
    }
  }

  private void curves(StringBuilder svg, List<EvalRow> rows, String style) {
    curve(svg, rows, false, style + " unseen");
    curve(svg, rows, true, style);
  }

  private void curve(StringBuilder svg, List<EvalRow> rows, boolean seen, String style) {
    List<EvalRow> points =
        rows.stream()
            .filter(row -> row.questionVisible() == seen)
            .filter(row -> Double.isFinite(figure.applyAsDouble(row)))
            .sorted(Comparator.comparingDouble(EvalRow::rowsAttended))
            .toList();
    StringBuilder path = new StringBuilder();
    for (EvalRow row : points) {
      double y = y(Math.clamp(figure.applyAsDouble(row), 0, top));
      // A line of no length shows a single point as a dot.
      String step = path.isEmpty() ? "M%1$.1f %2$.1f L%1$.1f %2$.1f" : " L%1$.1f %2$.1f";
      path.append(String.format(Locale.ROOT, step, x(row.rowsAttended()), y));
    }
    if (!path.isEmpty()) {
      String dot = points.size() == 1 ? " dot" : "";
      svg.append("<path class=\"")
          .append(style)
          .append(dot)
          .append("\" d=\"")
          .append(path)
          .append("\"/>\n");
    }
  }

  private double x(double memory) {
    return most == least
        ? (LEFT + RIGHT) / 2.0
        : LEFT + (RIGHT - LEFT) * (Math.log(memory) - least) / (most - least);
  }

  private double y(double value) {
    return BOTTOM - (BOTTOM - TOP) * value / top;
  }

  private static String line(double x1, double y1, double x2, double y2) {
    return String.format(
        Locale.ROOT,
        "<line class=\"axis\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n",
        x1,
        y1,
        x2,
        y2);
  }

  private static String text(double x, double y, String anchor, String style, String content) {
    return String.format(
        Locale.ROOT,
        "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n",
        style,
        x,
        y,
        anchor,
        Html.escaped(content));
  }
}
