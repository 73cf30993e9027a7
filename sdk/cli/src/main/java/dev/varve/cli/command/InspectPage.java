package dev.varve.cli.command;

import dev.varve.cli.pack.Inspection;
import dev.varve.cli.pack.LayerReport;
import dev.varve.cli.text.ByteSize;
import dev.varve.cli.text.Html;
import dev.varve.cli.text.Numbers;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** What a file holds, as an HTML page that loads nothing; light or dark as its reader likes. */
final class InspectPage {

  private static final int WIDTH = 860;
  private static final int HEIGHT = 220;
  private static final int LEFT = 76;
  private static final int BOTTOM = 28;
  private static final int TOP = 12;
  private static final int MOST_LABELS = 32;

  private InspectPage() {}

  static String render(Inspection found) {
    StringBuilder page = new StringBuilder();
    page.append(
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>%s</title>
        <style>
        :root { color-scheme: light dark; --ink: #1d232b; --soft: #667180; --line: #d8dde3;
          --ground: #ffffff; --bytes: #2b6cb0; --error: #c2571a; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --soft: #98a3b0;
          --line: #39424d; --ground: #14181d; --bytes: #63a4e8; --error: #f0965a; } }
        body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground);
          max-width: 900px; margin: 2rem auto; padding: 0 1rem; }
        h1 { font-size: 1.3rem; overflow-wrap: anywhere; } h2 { font-size: 1rem; margin-top: 2rem; }
        table { border-collapse: collapse; width: 100%%; font-variant-numeric: tabular-nums; }
        th, td { text-align: right; padding: .25rem .6rem; border-bottom: 1px solid var(--line); }
        th { color: var(--soft); font-weight: 500; }
        th:first-child, td:first-child, .text td, .text th { text-align: left; }
        th, td { white-space: nowrap; }
        .text td { white-space: normal; overflow-wrap: anywhere; }
        .scroll { overflow-x: auto; } svg { width: 100%%; height: auto; }
        svg text { fill: var(--soft); font-size: 12px; } .axis { stroke: var(--line); }
        .bytes { fill: var(--bytes); } .error { fill: var(--error); }
        </style>
        </head>
        <body>
        """
            .formatted(Html.escaped(found.file())));
    page.append("<h1>").append(Html.escaped(found.file())).append("</h1>\n");
    facts(found, page);
    page.append("<h2>Stored bytes by layer</h2>\n");
    plot(found, "bytes", LayerReport::storedBytes, InspectPage::size, page);
    if (found.layers().stream().anyMatch(layer -> InspectTables.error(layer) > 0)) {
      page.append("<h2>Relative error of attention output by layer</h2>\n");
      plot(found, "error", InspectTables::error, PackTables::error, page);
    }
    layers(found, page);
    return page.append("</body>\n</html>\n").toString();
  }

  private static void facts(Inspection found, StringBuilder page) {
    page.append("<table class=\"text\">\n");
    fact("kind", found.kind(), page);
    found.facts().forEach((name, value) -> fact(name, value, page));
    fact("bytes", ByteSize.format(found.storedBytes()), page);
    if (found.kind().equals("varve")) {
      fact(
          "ratio",
          Numbers.ratio(found.ratio()) + ", of " + ByteSize.format(found.originalBytes()),
          page);
    }
    page.append("</table>\n");
  }

  private static void fact(String name, String value, StringBuilder page) {
    page.append(
        "<tr><th>%s</th><td>%s</td></tr>\n".formatted(Html.escaped(name), Html.escaped(value)));
  }

  /** How a number stands at an axis. */
  @FunctionalInterface
  private interface Label {
    String of(double value);
  }

  private static void plot(
      Inspection found,
      String style,
      ToDoubleFunction<LayerReport> value,
      Label label,
      StringBuilder page) {
    int layers = found.layers().size();
    double most = found.layers().stream().mapToDouble(value).max().orElse(0);
    double step = (double) (WIDTH - LEFT) / layers;
    int room = HEIGHT - TOP - BOTTOM;
    page.append(
        "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s by layer\">\n"
            .formatted(WIDTH, HEIGHT, style));
    for (int line = 0; line <= 2; line++) {
      double y = TOP + room * (1 - line / 2.0);
      page.append(
          String.format(
              Locale.ROOT,
              "<line class=\"axis\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>\n",
              LEFT,
              WIDTH,
              y,
              y));
      page.append(
          String.format(
              Locale.ROOT,
              "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n",
              LEFT - 8,
              y + 4,
              Html.escaped(label.of(most * line / 2))));
    }
    int every = Math.ceilDiv(layers, MOST_LABELS);
    for (LayerReport layer : found.layers()) {
      double height = most == 0 ? 0 : room * value.applyAsDouble(layer) / most;
      double x = LEFT + step * layer.layer();
      page.append(
          String.format(
              Locale.ROOT,
              "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\">"
                  + "<title>layer %d, %s: %s</title></rect>\n",
              style,
              x + step * 0.1,
              TOP + room - height,
              step * 0.8,
              height,
              layer.layer(),
              Html.escaped(layer.codec()),
              Html.escaped(label.of(value.applyAsDouble(layer)))));
      if (layer.layer() % every == 0) {
        page.append(
            String.format(
                Locale.ROOT,
                "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%d</text>\n",
                x + step / 2,
                HEIGHT - 8,
                layer.layer()));
      }
    }
    page.append("</svg>\n");
  }

  private static void layers(Inspection found, StringBuilder page) {
    page.append("<h2>Layers</h2>\n<div class=\"scroll\"><table>\n<tr>");
    for (String head :
        new String[] {"layer", "codec", "bytes", "ratio", "keys", "values", "logits", "output"}) {
      page.append("<th>").append(head).append("</th>");
    }
    page.append("</tr>\n");
    for (LayerReport layer : found.layers()) {
      double ratio =
          layer.storedBytes() == 0 ? 1 : (double) layer.originalBytes() / layer.storedBytes();
      page.append(
          String.format(
              Locale.ROOT,
              "<tr><td>%d</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td>"
                  + "<td>%s</td></tr>\n",
              layer.layer(),
              Html.escaped(layer.codec()),
              ByteSize.format(layer.storedBytes()),
              Numbers.ratio(ratio),
              PackTables.error(layer.keyError()),
              PackTables.error(layer.valueError()),
              PackTables.error(layer.logitError()),
              PackTables.error(layer.outputError())));
    }
    page.append("</table></div>\n");
  }

  private static String size(double bytes) {
    return ByteSize.format((long) bytes);
  }
}
