package dev.varve.cli.eval;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The shares of the rows that an evaluation is drawn over. */
final class BudgetTicks {
  private static final List<Double> HALVES = List.of(0.0625, 0.125, 0.25, 0.5, 1.0);

  private BudgetTicks() {}

  /**
   * Budgets, ascending, that most of those policies were given that were tried at several sizes;
   * where there are none, halves of halves as far as the rows reach.
   */
  static List<Double> of(List<EvalRow> rows) {
    Map<String, Set<Double>> families = new HashMap<>();
    for (EvalRow row : rows) {
      if (row.questionVisible()) {
        families.computeIfAbsent(row.family(), any -> new HashSet<>()).add(row.budget());
      }
    }
    Map<Double, Integer> counts = new HashMap<>();
    for (Set<Double> budgets : families.values()) {
      if (budgets.size() > 1) {
        budgets.forEach(budget -> counts.merge(budget, 1, Integer::sum));
      }
    }
    int most = counts.values().stream().mapToInt(i -> i).max().orElse(0);
    List<Double> common =
        counts.entrySet().stream()
            .filter(entry -> 2 * entry.getValue() >= most)
            .map(Map.Entry::getKey)
            .sorted()
            .toList();
    return common.isEmpty() ? halves(rows) : common;
  }

  private static List<Double> halves(List<EvalRow> rows) {
    double least = rows.stream().mapToDouble(EvalRow::rowsAttended).min().orElse(1);
    double most = rows.stream().mapToDouble(EvalRow::rowsAttended).max().orElse(1);
    return HALVES.stream().filter(half -> half >= least / 1.5 && half <= most * 1.5).toList();
  }
}
