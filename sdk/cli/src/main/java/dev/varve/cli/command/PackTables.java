package dev.varve.cli.command;

import dev.varve.cli.pack.LayerReport;
import dev.varve.cli.pack.PackReport;
import dev.varve.cli.text.ByteSize;
import dev.varve.cli.text.Numbers;
import dev.varve.cli.text.Table;
import java.util.List;

/** What came of compressing, as tables. */
final class PackTables {
  private PackTables() {}

  /** One file by layer, several files one a line. */
  static String render(List<PackReport> reports, boolean lines) {
    StringBuilder text = new StringBuilder();
    if (reports.size() == 1 && !reports.getFirst().layers().isEmpty()) {
      text.append(layers(reports.getFirst().layers()).render(lines)).append('\n');
    }
    Table files = new Table("container", "tokens", "original", "stored", "ratio", "");
    for (PackReport report : reports) {
      files.row(
          report.target(),
          Numbers.count(report.tokens()),
          ByteSize.format(report.originalBytes()),
          ByteSize.format(report.storedBytes()),
          Numbers.ratio(report.ratio()),
          report.status());
    }
    return text.append(files.render(lines)).toString();
  }

  /** Bytes and errors of each layer. */
  static Table layers(List<LayerReport> layers) {
    Table table =
        new Table(
                "layer", "codec", "bytes", "ratio", "keys", "values", "logits", "output", "queries")
            .left(1)
            .left(8);
    for (LayerReport layer : layers) {
      boolean measured = !layer.queries().equals("none");
      table.row(
          Integer.toString(layer.layer()),
          layer.codec(),
          ByteSize.format(layer.storedBytes()),
          layer.storedBytes() == 0
              ? "-"
              : Numbers.ratio((double) layer.originalBytes() / layer.storedBytes()),
          error(layer.keyError()),
          error(layer.valueError()),
          measured ? error(layer.logitError()) : "0",
          measured ? error(layer.outputError()) : "0",
          measured ? layer.queries() : "");
    }
    return table;
  }

  /** An error with the digits that count. */
  static String error(double value) {
    return value == 0 ? "0" : String.format(java.util.Locale.ROOT, "%.4f", value);
  }
}
