package dev.varve.cli.eval;

import dev.varve.cli.text.ByteSize;
import dev.varve.cli.text.Numbers;
import dev.varve.cli.text.Table;
import java.util.List;
import java.util.Locale;

/** The rows as a table of text. */
public final class EvalTable {
  private EvalTable() {}

  /** The table; {@code lines} allows box-drawing characters. */
  public static String render(List<EvalRow> rows, boolean lines) {
    Table table =
        new Table(
            "policy",
            "budget",
            "question",
            "loss",
            "+loss",
            "needles",
            "error",
            "mass",
            "rows",
            "scored",
            "bytes",
            "time");
    for (EvalRow row : rows) {
      table.row(
          row.policy(),
          Numbers.share(row.budget()),
          row.questionVisible() ? "seen" : "unseen",
          fixed(row.loss(), 3),
          String.format(Locale.ROOT, "%+.3f", row.lossAdded()),
          fixed(row.needleRecall(), 2) + " of " + fixed(row.needleRecallFull(), 2),
          fixed(row.attentionError(), 3),
          fixed(row.mass(), 3),
          fixed(row.rowsAttended(), 3),
          ByteSize.format(row.bytesScored()),
          ByteSize.format(row.bytes()) + " of " + ByteSize.format(row.bytesFull()),
          Numbers.duration(row.seconds()));
    }
    return table.render(lines);
  }

  private static String fixed(double value, int digits) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%." + digits + "f", value);
  }
}
