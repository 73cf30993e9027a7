package dev.varve.cli.bench;

import dev.varve.cli.text.Numbers;
import dev.varve.cli.text.Paragraph;
import dev.varve.cli.text.Table;
import java.util.ArrayList;
import java.util.List;

/**
 * The outcome of a benchmark.
 *
 * @param title what was measured, under which conditions
 * @param comparisons the rates
 * @param notes what a reader must know to judge them
 */
public record BenchReport(String title, List<Comparison> comparisons, List<String> notes) {

  private static final int WIDTH = 78;

  public BenchReport {
    comparisons = List.copyOf(comparisons);
    notes = List.copyOf(notes);
  }

  /** A page of text; {@code lines} allows box-drawing characters. */
  public String render(boolean lines) {
    Table table = new Table("", "ours", "probe", "ratio", "goal", "probe is").left(5);
    for (Comparison comparison : comparisons) {
      table.row(
          comparison.name(),
          Numbers.gigabytes(comparison.ours()),
          Numbers.gigabytes(comparison.probed()),
          Numbers.ratio(comparison.ratio()),
          goal(comparison),
          comparison.probe());
    }
    List<String> paragraphs = new ArrayList<>();
    notes.forEach(note -> paragraphs.add(Paragraph.wrap(note, "  ", WIDTH)));
    return "\n"
        + Paragraph.wrap(title, "  ", WIDTH)
        + "\n"
        + table.render(lines)
        + "\n"
        + String.join("", paragraphs);
  }

  private static String goal(Comparison comparison) {
    return comparison.reached().isEmpty()
        ? ""
        : ">= "
            + Numbers.ratio(comparison.goal().orElseThrow())
            + (comparison.reached().get() ? " yes" : " no ");
  }
}
