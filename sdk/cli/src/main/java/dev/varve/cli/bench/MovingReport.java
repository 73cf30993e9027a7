package dev.varve.cli.bench;

import dev.varve.cli.bench.MovingBench.Latency;
import dev.varve.cli.text.Numbers;
import dev.varve.cli.text.Paragraph;
import dev.varve.cli.text.Table;
import java.util.List;
import java.util.Locale;

/**
 * How long steps took with and without a thread that moves blocks.
 *
 * @param title what was measured, under which conditions
 * @param calls the calls that were timed
 * @param idleShare of a core that the thread takes while nothing moves
 */
public record MovingReport(String title, List<Latency> calls, double idleShare) {

  private static final int WIDTH = 78;

  public MovingReport {
    calls = List.copyOf(calls);
  }

  /** A page of text; {@code lines} allows box-drawing characters. */
  public String render(boolean lines) {
    Table table = new Table("", "moved by", "median", "p99", "longest");
    table.left(1);
    for (Latency call : calls) {
      row(table, call.call(), "the step", call.stepped());
      row(table, "", "a thread", call.threaded());
      table.row("", "ratio", Numbers.ratio(call.medianRatio()), Numbers.ratio(call.p99Ratio()), "");
    }
    return "\n"
        + Paragraph.wrap(title, "  ", WIDTH)
        + "\n"
        + table.render(lines)
        + "\n"
        + Paragraph.wrap(
            String.format(
                Locale.ROOT,
                "While nothing moves the thread takes %.3f %% of a core.",
                100 * idleShare),
            "  ",
            WIDTH);
  }

  private static void row(Table table, String call, String mover, Percentiles times) {
    table.row(
        call,
        mover,
        Numbers.micros(times.median()),
        Numbers.micros(times.p99()),
        Numbers.micros(times.longest()));
  }
}
