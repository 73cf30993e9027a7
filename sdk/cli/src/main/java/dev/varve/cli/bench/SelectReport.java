package dev.varve.cli.bench;

import dev.varve.cli.text.ByteSize;
import dev.varve.cli.text.Numbers;
import dev.varve.cli.text.Paragraph;
import dev.varve.cli.text.Table;
import java.util.List;

/**
 * The outcome of {@link SelectBench}.
 *
 * @param title what was measured, under which conditions
 * @param rows scoring of rows
 * @param selections choices
 * @param notes what a reader must know to judge them
 */
public record SelectReport(
    String title, List<RowScores> rows, List<SelectionTime> selections, List<String> notes) {

  private static final int WIDTH = 78;

  public SelectReport {
    rows = List.copyOf(rows);
    selections = List.copyOf(selections);
    notes = List.copyOf(notes);
  }

  /** A page of text; {@code lines} allows box-drawing characters. */
  public String render(boolean lines) {
    Table scores = new Table("", "hot", "cold", "cold bytes", "read", "ratio", "goal");
    for (RowScores row : rows) {
      Comparison cold = row.cold();
      scores.row(
          cold.name(),
          Numbers.rate(row.hotRows() / 1e6, "M rows"),
          Numbers.rate(row.coldRows() / 1e6, "M rows"),
          Numbers.gigabytes(cold.ours()),
          Numbers.gigabytes(cold.probed()),
          Numbers.ratio(cold.ratio()),
          cold.reached().map(yes -> ">= 0.70 " + (yes ? "yes" : "no ")).orElse(""));
    }
    Table times = new Table("", "time", "exact", "faster", "goal", "bytes", "over floor", "reads");
    for (SelectionTime time : selections) {
      times.row(
          time.name(),
          Numbers.duration(time.seconds()),
          Numbers.duration(time.exactSeconds()),
          Numbers.ratio(time.speedup()),
          time.reached()
              .map(yes -> ">= " + Numbers.ratio(time.goal().orElse(0)) + (yes ? " yes" : " no "))
              .orElse(""),
          ByteSize.format(time.bytes()),
          Numbers.ratio(time.overFloor()),
          Numbers.count(time.read()));
    }
    StringBuilder text = new StringBuilder("\n");
    text.append(Paragraph.wrap(title, "  ", WIDTH)).append('\n').append(scores.render(lines));
    text.append('\n').append(times.render(lines)).append('\n');
    notes.forEach(note -> text.append(Paragraph.wrap(note, "  ", WIDTH)));
    return text.toString();
  }
}
