package dev.varve.cli.bench;

import dev.varve.cli.text.Numbers;
import dev.varve.cli.text.Paragraph;
import dev.varve.cli.text.Table;
import java.util.List;
import java.util.Locale;

/**
 * The outcome of {@link CodecBench}.
 *
 * @param rates rates and the notes on them
 * @param sizes bytes
 * @param notes what a reader must know to judge the bytes
 */
public record CodecReport(BenchReport rates, List<SizeFinding> sizes, List<String> notes) {

  private static final int WIDTH = 78;

  public CodecReport {
    sizes = List.copyOf(sizes);
    notes = List.copyOf(notes);
  }

  /** A page of text; {@code lines} allows box-drawing characters. */
  public String render(boolean lines) {
    Table table = new Table("", "bytes", "ours", "others", "ratio", "goal", "others are").left(6);
    for (SizeFinding size : sizes) {
      table.row(
          size.name(),
          Numbers.count(size.plain()),
          Numbers.count(size.ours()),
          Numbers.count(Math.round(size.theirs())),
          String.format(Locale.ROOT, "%.4f", size.ratio()),
          goal(size),
          size.than());
    }
    StringBuilder text = new StringBuilder(rates.render(lines));
    text.append('\n').append(table.render(lines)).append('\n');
    notes.forEach(note -> text.append(Paragraph.wrap(note, "  ", WIDTH)));
    return text.toString();
  }

  private static String goal(SizeFinding size) {
    return size.reached().isEmpty()
        ? ""
        : String.format(Locale.ROOT, "<= %.3f", size.goal().orElseThrow())
            + (size.reached().get() ? " yes" : " no ");
  }
}
