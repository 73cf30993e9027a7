package dev.varve.cli.bench;

import java.util.List;

/**
 * The outcome of {@link ServeBench}.
 *
 * @param title what was measured, under which conditions
 * @param rates values moved, ours beside Redis
 * @param times of small values beside large ones, ours beside Redis
 * @param contexts milliseconds of steps over a context that is kept here, if they were asked for
 * @param notes what a reader must know to judge them
 */
public record ServeReport(
    String title,
    List<Comparison> rates,
    List<Finding> times,
    List<Finding> contexts,
    List<String> notes) {

  public ServeReport {
    rates = List.copyOf(rates);
    times = List.copyOf(times);
    contexts = List.copyOf(contexts);
    notes = List.copyOf(notes);
  }

  /** A page of text; {@code lines} allows box-drawing characters. */
  public String render(boolean lines) {
    String small = "1 KiB values beside 8 MiB values.";
    String attention =
        "KV.ATTEND of one layer, 32 heads of 128 over 8, beside fetching it with KV.STREAM.";
    return new BenchReport(title, rates, List.of()).render(lines)
        + new FindingReport(small, times, notes).render(lines)
        + (contexts.isEmpty()
            ? ""
            : new FindingReport(attention, contexts, List.of()).render(lines));
  }
}
