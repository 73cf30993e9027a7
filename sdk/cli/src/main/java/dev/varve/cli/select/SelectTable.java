package dev.varve.cli.select;

import dev.varve.attention.select.SelectorStats;
import dev.varve.cli.text.ByteSize;
import dev.varve.cli.text.Numbers;
import dev.varve.cli.text.Table;
import java.util.List;

/** Selections as text. */
public final class SelectTable {
  private SelectTable() {}

  /** A row for each layer, head and step, with runs of positions as {@code from-to}. */
  public static String render(
      List<SelectedStep> steps, int firstPosition, SelectorStats stats, boolean lines) {
    Table table = new Table("layer", "head", "step", "sees", "reads", "positions").left(5);
    for (SelectedStep step : steps) {
      table.row(
          Integer.toString(step.layer()),
          step.head() == null ? "all" : step.head().toString(),
          Integer.toString(step.step()),
          Integer.toString(firstPosition + step.step() + 1),
          Integer.toString(step.positions().size()),
          runs(step.positions()));
    }
    return "\n"
        + table.render(lines)
        + "\n  %s steps: %s read everything, %s reused their picks; %s scored.\n"
            .formatted(
                Numbers.count(stats.steps()),
                Numbers.count(stats.whole()),
                Numbers.count(stats.reused()),
                ByteSize.format(stats.bytesScored()));
  }

  static String runs(List<Integer> positions) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < positions.size(); ) {
      int end = i;
      while (end + 1 < positions.size() && positions.get(end + 1) == positions.get(end) + 1) {
        end++;
      }
      text.append(i == 0 ? "" : " ").append(positions.get(i));
      text.append(end == i ? "" : "-" + positions.get(end));
      i = end + 1;
    }
    return text.toString();
  }
}
