package dev.varve.cli.bench;

import dev.varve.cli.text.Numbers;
import dev.varve.cli.text.Paragraph;
import dev.varve.cli.text.Table;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * The outcome of {@link CodecBench}.
 *
 * @param rates rates and the notes on them
 * @param sizes bytes
 * @param codings encodings on real keys and values; empty if there were none
 * @param notes what a reader must know to judge the bytes
 */
public record CodecReport(
    BenchReport rates, List<SizeFinding> sizes, List<CodingFinding> codings, List<String> notes) {

  private static final int WIDTH = 78;

  public CodecReport {
    sizes = List.copyOf(sizes);
    codings = List.copyOf(codings);
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
    if (!codings.isEmpty()) {
      text.append(codings(lines)).append('\n');
    }
    notes.forEach(note -> text.append(Paragraph.wrap(note, "  ", WIDTH)));
    return text.toString();
  }

  private String codings(boolean lines) {
    Table table =
        new Table(
                "encoding",
                "bits/value",
                "tables",
                "output error",
                "next token",
                "encoded, GB/s",
                "decoded, GB/s")
            .left(0);
    for (CodingFinding coding : codings) {
      table.row(
          coding.name(),
          String.format(Locale.ROOT, "%.2f", coding.bitsPerValue()),
          coding.tableBitsPerValue() == 0
              ? ""
              : String.format(Locale.ROOT, "%.2f", coding.tableBitsPerValue()),
          String.format(Locale.ROOT, "%.4f", coding.outputError()),
          number("%.4f", coding.nextTokenLoss()),
          number("%.2f", coding.encodedGigabytes()),
          number("%.2f", coding.decodedGigabytes()));
    }
    return table.render(lines);
  }

  private static String number(String format, OptionalDouble number) {
    return number.isEmpty() ? "" : String.format(Locale.ROOT, format, number.getAsDouble());
  }

  private static String goal(SizeFinding size) {
    return size.reached().isEmpty()
        ? ""
        : String.format(Locale.ROOT, "<= %.3f", size.goal().orElseThrow())
            + (size.reached().get() ? " yes" : " no ");
  }
}
