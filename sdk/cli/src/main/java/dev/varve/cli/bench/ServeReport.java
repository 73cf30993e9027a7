package dev.varve.cli.bench;

import java.util.List;

/**
 * The outcome of {@link ServeBench}.
 *
 * @param title what was measured, under which conditions
 * @param rates values moved, ours beside Redis
 * @param times of small values beside large ones, ours beside Redis
 * @param notes what a reader must know to judge them
 */
public record ServeReport(
    String title, List<Comparison> rates, List<Finding> times, List<String> notes) {

  public ServeReport {
    rates = List.copyOf(rates);
    times = List.copyOf(times);
    notes = List.copyOf(notes);
  }

  /** A page of text; {@code lines} allows box-drawing characters. */
  public String render(boolean lines) {
    return new BenchReport(title, rates, List.of()).render(lines)
        + new FindingReport("1 KiB values beside 8 MiB values.", times, notes).render(lines);
  }
}
