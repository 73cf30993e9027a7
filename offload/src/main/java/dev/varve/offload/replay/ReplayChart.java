package dev.varve.offload.replay;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Draws hit ratio over capacity as an SVG picture: one line for each policy, named at its right
 * end, our own thicker, the bounds dashed. The capacity axis is logarithmic.
 */
public final class ReplayChart {

  private static final int WIDTH = 900;
  private static final int HEIGHT = 560;
  private static final int LEFT = 70;
  private static final int RIGHT = 730;
  private static final int TOP = 50;
  private static final int BOTTOM = 490;
  private static final int LABEL_HEIGHT = 16;
  private static final String OURS = "varve";
  private static final List<String> COLOURS =
      List.of(
          "#4e79a7", "#f28e2b", "#59a14f", "#b07aa1", "#9c755f", "#e15759", "#76b7b2", "#edc948",
          "#ff9da7", "#8cd17d", "#499894", "#d37295");

  private record Label(String policy, String colour, double y) {}

  private final List<ReplayRow> rows;
  private final double least;
  private final double most;
  private final double top;

  private ReplayChart(List<ReplayRow> rows) {
    this.rows = rows;
    this.least = Math.log(rows.stream().mapToInt(ReplayRow::capacity).min().orElseThrow());
    this.most = Math.log(rows.stream().mapToInt(ReplayRow::capacity).max().orElseThrow());
    double highest = rows.stream().mapToDouble(row -> row.score().hitRatio()).max().orElseThrow();
    this.top = Math.max(0.05, Math.ceil(highest * 20) / 20);
  }

  /**
   * The picture as a document.
   *
   * @throws IllegalArgumentException if there is no row
   */
  public static String svg(List<ReplayRow> rows) {
    if (rows.isEmpty()) {
      throw new IllegalArgumentException("a chart needs at least one row");
    }
    return new ReplayChart(rows).draw();
  }

  /** The picture as a web page of its own. */
  public static String html(List<ReplayRow> rows) {
    return "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
        + "<title>Block hit ratio by capacity</title></head>\n<body>\n"
        + svg(rows)
        + "</body></html>\n";
  }

  private String draw() {
    StringBuilder svg = new StringBuilder();
    svg.append(
        String.format(
            Locale.ROOT,
            """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %1$d %2$d" width="%1$d" \
            height="%2$d" font-family="sans-serif" font-size="13">
            <rect width="%1$d" height="%2$d" fill="#ffffff"/>
            <text x="%3$d" y="28" font-size="16" fill="#222222">Block hit ratio by capacity</text>
            """,
            WIDTH,
            HEIGHT,
            LEFT));
    drawGrid(svg);
    drawLines(svg);
    return svg.append("</svg>\n").toString();
  }

  private void drawGrid(StringBuilder svg) {
    int steps = (int) Math.round(top * 20);
    for (int step = 0; step <= steps; step++) {
      double ratio = step / 20.0;
      svg.append(line(LEFT, y(ratio), RIGHT, y(ratio)));
      svg.append(
          text(
              LEFT - 8, y(ratio) + 4, "end", "#555555", String.format(Locale.ROOT, "%.2f", ratio)));
    }
    rows.stream()
        .mapToInt(ReplayRow::capacity)
        .distinct()
        .sorted()
        .forEach(capacity -> {
          svg.append(line(x(capacity), TOP, x(capacity), BOTTOM));
          String name = String.format(Locale.ROOT, "%d", capacity);
          svg.append(text(x(capacity), BOTTOM + 20, "middle", "#555555", name));
        });
    svg.append(text((LEFT + RIGHT) / 2.0, BOTTOM + 46, "middle", "#222222", "capacity in chunks"));
  }

  private void drawLines(StringBuilder svg) {
    Map<String, List<ReplayRow>> byPolicy = new LinkedHashMap<>();
    rows.forEach(row -> byPolicy.computeIfAbsent(row.policy(), p -> new ArrayList<>()).add(row));
    List<Label> labels = new ArrayList<>();
    int next = 0;
    for (Map.Entry<String, List<ReplayRow>> entry : byPolicy.entrySet()) {
      String policy = entry.getKey();
      boolean plain = !bound(policy) && !policy.equals(OURS);
      String colour = plain ? COLOURS.get(next++ % COLOURS.size()) : "#111111";
      List<ReplayRow> points =
          entry.getValue().stream().sorted(Comparator.comparingInt(ReplayRow::capacity)).toList();
      svg.append(curve(policy, colour, points));
      labels.add(new Label(policy, colour, y(points.getLast().score().hitRatio())));
    }
    drawLabels(svg, labels);
  }

  private String curve(String policy, String colour, List<ReplayRow> points) {
    StringBuilder path = new StringBuilder();
    StringBuilder dots = new StringBuilder();
    for (ReplayRow row : points) {
      double x = x(row.capacity());
      double y = y(row.score().hitRatio());
      path.append(String.format(Locale.ROOT, "%s%.1f %.1f", path.isEmpty() ? "M" : " L", x, y));
      dots.append(
          String.format(
              Locale.ROOT,
              "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2.5\" fill=\"%s\"/>\n",
              x,
              y,
              colour));
    }
    return String.format(
            Locale.ROOT,
            "<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"%s\"%s/>\n",
            path,
            colour,
            policy.equals(OURS) ? "3.5" : "1.5",
            bound(policy) ? " stroke-dasharray=\"6 4\"" : "")
        + dots;
  }

  /** Names each line beside its end; names that would overlap are pushed apart. */
  private static void drawLabels(StringBuilder svg, List<Label> labels) {
    List<Label> ordered = labels.stream().sorted(Comparator.comparingDouble(Label::y)).toList();
    double[] places = apart(ordered);
    for (int i = 0; i < places.length; i++) {
      Label label = ordered.get(i);
      svg.append(
          String.format(
              Locale.ROOT,
              "<path d=\"M%d %.1f L%d %.1f\" stroke=\"%s\" stroke-width=\"0.7\"/>\n",
              RIGHT + 4,
              label.y(),
              RIGHT + 26,
              places[i],
              label.colour()));
      svg.append(text(RIGHT + 30, places[i] + 4, "start", label.colour(), label.policy()));
    }
  }

  private static double[] apart(List<Label> ordered) {
    double[] places = new double[ordered.size()];
    double free = TOP;
    for (int i = 0; i < places.length; i++) {
      places[i] = Math.max(free, ordered.get(i).y());
      free = places[i] + LABEL_HEIGHT;
    }
    double limit = HEIGHT - LABEL_HEIGHT;
    for (int i = places.length - 1; i >= 0; i--) {
      places[i] = Math.min(limit, places[i]);
      limit = places[i] - LABEL_HEIGHT;
    }
    return places;
  }

  private static boolean bound(String policy) {
    return policy.equals(ReplayTable.BELADY) || policy.equals(ReplayTable.INFINITE);
  }

  private double x(int capacity) {
    return most == least
        ? (LEFT + RIGHT) / 2.0
        : LEFT + (RIGHT - LEFT) * (Math.log(capacity) - least) / (most - least);
  }

  private double y(double ratio) {
    return BOTTOM - (BOTTOM - TOP) * ratio / top;
  }

  private static String line(double x1, double y1, double x2, double y2) {
    return String.format(
        Locale.ROOT,
        "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#e2e2e2\"/>\n",
        x1,
        y1,
        x2,
        y2);
  }

  private static String text(double x, double y, String anchor, String colour, String words) {
    return String.format(
        Locale.ROOT,
        "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" fill=\"%s\">%s</text>\n",
        x,
        y,
        anchor,
        colour,
        words);
  }
}
