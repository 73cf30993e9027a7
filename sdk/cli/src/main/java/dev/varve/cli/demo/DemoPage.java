package dev.varve.cli.demo;

import static dev.varve.cli.text.Numbers.count;
import static dev.varve.cli.text.Numbers.duration;
import static dev.varve.cli.text.Numbers.rate;

import dev.varve.cli.demo.RunReport.TierReport;
import dev.varve.cli.text.ByteSize;
import dev.varve.cli.text.Paragraph;
import dev.varve.cli.text.Table;
import java.util.Locale;

/** The report as a page of text, 80 columns wide. */
public final class DemoPage {

  private static final int WIDTH = 76;
  private static final int FASTER = 2;

  private DemoPage() {}

  /** The page; {@code lines} allows box-drawing characters. */
  public static String render(DemoReport report, boolean lines) {
    return "\n"
        + head(report)
        + "\n"
        + times(report).render(lines)
        + "\n"
        + tiers(report).render(lines)
        + "\n"
        + (report.tiers().isEmpty() ? "" : encodings(report).render(lines) + "\n")
        + text(report)
        + "\n  same text: %s\n".formatted(sameText(report));
  }

  private static String head(DemoReport report) {
    return """
      model    %s
      prompt   %s: the first %s bytes, one token each
      cache    %s in blocks of %d tokens; run 2 is a new process over the same store
    """
        .formatted(
            report.model(),
            report.prompt(),
            count(report.promptBytes()),
            report.kvType().toLowerCase(Locale.ROOT),
            report.blockTokens());
  }

  private static Table times(DemoReport report) {
    RunReport first = report.first();
    RunReport second = report.second();
    String speedup =
        report.prefillSpeedup() >= FASTER
            ? String.format(Locale.ROOT, "%.0fx faster", report.prefillSpeedup())
            : "";
    return new Table("", "run 1", "run 2", "")
        .left(3)
        .row(
            "open model and store",
            duration(first.openSeconds()),
            duration(second.openSeconds()),
            "")
        .row("prompt tokens", count(first.promptTokens()), count(second.promptTokens()), "")
        .row("found in the store", count(first.reusedTokens()), count(second.reusedTokens()), "")
        .row(
            "prefill", duration(first.prefillSeconds()), duration(second.prefillSeconds()), speedup)
        .row(
            "time to first token",
            duration(first.firstTokenSeconds()),
            duration(second.firstTokenSeconds()),
            "")
        .row("decode", speed(first), speed(second), "");
  }

  private static String speed(RunReport run) {
    return run.tokenIds().size() < 2 ? "-" : rate(run.tokensPerSecond(), "tokens");
  }

  private static Table tiers(DemoReport report) {
    Table table = new Table("at the end", "size", "blocks", "tokens", "bytes", "hits", "writes");
    add(table, "run 1", report.first());
    add(table, "run 2", report.second());
    return table;
  }

  private static void add(Table table, String label, RunReport run) {
    for (TierReport tier : run.tiers()) {
      table.row(
          label + "  " + tier.tier(),
          ByteSize.format(tier.capacityBytes()),
          count(tier.blocks()),
          count(tier.tokens()),
          ByteSize.format(tier.bytes()),
          count(tier.hits()),
          tier.tier().equals("HOT") ? "" : count(tier.writes()));
    }
  }

  private static Table encodings(DemoReport report) {
    Table table = new Table("written", "encoding", "raw", "in", "ratio", "stayed raw");
    addEncodings(table, "run 1", report.first());
    addEncodings(table, "run 2", report.second());
    return table;
  }

  private static void addEncodings(Table table, String label, RunReport run) {
    for (TierReport tier : run.tiers()) {
      if (tier.writtenBytes() > 0) {
        table.row(
            label + "  " + tier.tier(),
            tier.encoding(),
            ByteSize.format(tier.rawBytes()),
            ByteSize.format(tier.writtenBytes()),
            String.format(Locale.ROOT, "%.2f", tier.ratio()),
            count(tier.unapplied()));
      }
    }
  }

  private static String sameText(DemoReport report) {
    if (report.sameText()) {
      return "yes";
    }
    return report.approximate() ? "no, approximations may change it" : "no";
  }

  private static String text(DemoReport report) {
    String first = quoted(report.first());
    if (report.sameText()) {
      return "  both runs continue the text:\n\n" + first;
    }
    return "  run 1 continues the text:\n\n" + first + "\n  run 2:\n\n" + quoted(report.second());
  }

  private static String quoted(RunReport run) {
    return Paragraph.wrap("\"... " + run.text().strip() + " ...\"", "    ", WIDTH);
  }
}
