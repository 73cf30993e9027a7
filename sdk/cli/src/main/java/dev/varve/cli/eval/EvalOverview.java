package dev.varve.cli.eval;

import dev.varve.cli.text.Html;
import dev.varve.cli.text.Numbers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/**
 * All policies on one screen: a line each, a column for each budget, and the more colour the larger
 * the figure. What was tried at a share between two budgets stands under the nearest one.
 */
final class EvalOverview {
  private final Map<String, List<EvalRow>> families = new LinkedHashMap<>();
  private final List<Double> budgets;

  /**
   * @param rows at least one
   */
  EvalOverview(List<EvalRow> rows) {
    rows.forEach(row -> families.computeIfAbsent(row.family(), any -> new ArrayList<>()).add(row));
    this.budgets = BudgetTicks.of(rows);
  }

  private record Part(
      String heading,
      String style,
      Predicate<EvalRow> rows,
      ToDoubleFunction<EvalRow> figure,
      double whole) {}

  /** The table. */
  String draw() {
    List<Part> parts =
        List.of(
            new Part("needles, seen", "good", EvalRow::questionVisible, EvalRow::needleRecall, 1),
            new Part(
                "needles, unseen", "good", row -> !row.questionVisible(), EvalRow::needleRecall, 1),
            new Part("loss added", "bad", row -> true, EvalRow::lossAdded, 0.05),
            new Part("error of attention", "bad", row -> true, EvalRow::attentionError, 0.25));
    StringBuilder html = new StringBuilder("<div class=\"scroll\"><table class=\"heat\">\n<thead>");
    html.append("<tr><th></th>");
    for (Part part : parts) {
      html.append("<th class=\"part\" colspan=\"").append(budgets.size()).append("\">");
      html.append(part.heading()).append("</th>");
    }
    html.append("</tr><tr><th>rows kept or read</th>");
    for (int part = 0; part < parts.size(); part++) {
      for (int i = budgets.size() - 1; i >= 0; i--) {
        html.append("<th>").append(Numbers.share(budgets.get(i))).append("</th>");
      }
    }
    html.append("</tr></thead>\n");
    families.forEach((family, rows) -> {
      html.append("<tr><td><code>").append(Html.escaped(family)).append("</code></td>");
      for (Part part : parts) {
        for (int i = budgets.size() - 1; i >= 0; i--) {
          html.append(cell(part, rows, i));
        }
      }
      html.append("</tr>\n");
    });
    return html.append("</table></div>\n").toString();
  }

  private String cell(Part part, List<EvalRow> rows, int column) {
    Optional<EvalRow> nearest =
        rows.stream()
            .filter(part.rows())
            .filter(row -> column(row.budget()) == column)
            .filter(row -> Double.isFinite(part.figure().applyAsDouble(row)))
            .min((a, b) -> Double.compare(distance(a, column), distance(b, column)));
    if (nearest.isEmpty()) {
      return "<td></td>";
    }
    double value = part.figure().applyAsDouble(nearest.get());
    long share = Math.round(100 * Math.clamp(value / part.whole(), 0, 1));
    String form = part.whole() == 1 ? "%.2f" : "%.3f";
    return String.format(
        Locale.ROOT,
        "<td class=\"%s\" style=\"--share: %d%%\" title=\"%s of the rows\">" + form + "</td>",
        part.style(),
        share,
        Numbers.share(nearest.get().budget()),
        value);
  }

  private int column(double budget) {
    int nearest = 0;
    for (int i = 1; i < budgets.size(); i++) {
      boolean nearer =
          Math.abs(Math.log(budget / budgets.get(i)))
              < Math.abs(Math.log(budget / budgets.get(nearest)));
      nearest = nearer ? i : nearest;
    }
    return nearest;
  }

  private double distance(EvalRow row, int column) {
    return Math.abs(Math.log(row.budget() / budgets.get(column)));
  }
}
