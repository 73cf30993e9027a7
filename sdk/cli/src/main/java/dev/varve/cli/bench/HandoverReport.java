package dev.varve.cli.bench;

import java.util.List;

/**
 * The outcome of {@link HandoverBench}.
 *
 * @param title what was measured, under which conditions
 * @param times what a MiB takes, ours beside the port
 * @param rates the same as bytes a second, with their ratio
 * @param notes what a reader must know to judge them
 */
public record HandoverReport(
    String title, List<Finding> times, List<Comparison> rates, List<String> notes) {

  public HandoverReport {
    times = List.copyOf(times);
    rates = List.copyOf(rates);
    notes = List.copyOf(notes);
  }

  /** A page of text; {@code lines} allows box-drawing characters. */
  public String render(boolean lines) {
    return new FindingReport(title, times, List.of()).render(lines)
        + new BenchReport("The same as bytes a second.", rates, notes).render(lines);
  }
}
