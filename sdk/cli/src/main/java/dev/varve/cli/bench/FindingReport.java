package dev.varve.cli.bench;

import dev.varve.cli.text.Numbers;
import dev.varve.cli.text.Paragraph;
import dev.varve.cli.text.Table;
import java.util.List;
import java.util.Locale;

/**
 * The outcome of a benchmark that measures quantities: {@link IndexBench}, {@link
 * ReplacementBench}.
 *
 * @param title what was measured, under which conditions
 * @param findings the figures
 * @param notes what a reader must know to judge them
 */
public record FindingReport(String title, List<Finding> findings, List<String> notes) {

  private static final int WIDTH = 78;

  public FindingReport {
    findings = List.copyOf(findings);
    notes = List.copyOf(notes);
  }

  /** A page of text; {@code lines} allows box-drawing characters. */
  public String render(boolean lines) {
    Table table = new Table("", "ours", "goal", "probe", "ratio", "probe is").left(5);
    for (Finding finding : findings) {
      boolean probed = finding.probed().isPresent();
      table.row(
          finding.name(),
          value(finding.value(), finding.unit()),
          goal(finding),
          probed ? value(finding.probed().getAsDouble(), finding.unit()) : "",
          probed ? Numbers.ratio(finding.value() / finding.probed().getAsDouble()) : "",
          finding.probe());
    }
    StringBuilder text = new StringBuilder("\n");
    text.append(Paragraph.wrap(title, "  ", WIDTH)).append('\n');
    text.append(table.render(lines)).append('\n');
    notes.forEach(note -> text.append(Paragraph.wrap(note, "  ", WIDTH)));
    return text.toString();
  }

  private static String value(double value, String unit) {
    String format = value >= 1000 ? "%,.0f %s" : value >= 100 ? "%.0f %s" : "%.2f %s";
    return String.format(Locale.ROOT, format, value, unit);
  }

  private static String goal(Finding finding) {
    return finding.reached().isEmpty()
        ? ""
        : String.format(Locale.ROOT, "<= %.0f", finding.goal().orElseThrow())
            + (finding.reached().get() ? " yes" : " no ");
  }
}
