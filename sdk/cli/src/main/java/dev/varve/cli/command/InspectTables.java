package dev.varve.cli.command;

import dev.varve.cli.pack.Inspection;
import dev.varve.cli.pack.LayerReport;
import dev.varve.cli.text.Bar;
import dev.varve.cli.text.ByteSize;
import dev.varve.cli.text.Numbers;
import dev.varve.cli.text.Table;

/**
 * What a file holds, as text: what is known of it, then a bar of bytes and one of error a layer.
 */
final class InspectTables {

  private static final int WIDTH = 20;

  private InspectTables() {}

  static String render(Inspection found, boolean lines) {
    StringBuilder text = new StringBuilder();
    Table facts = new Table(found.kind(), found.file()).left(1);
    found.facts().forEach(facts::row);
    facts.row("bytes", ByteSize.format(found.storedBytes()));
    if (found.kind().equals("varve")) {
      facts.row(
          "ratio",
          "%s, of %s"
              .formatted(Numbers.ratio(found.ratio()), ByteSize.format(found.originalBytes())));
    }
    text.append(facts.render(lines)).append('\n');
    long most = 1;
    double worst = 0;
    for (LayerReport layer : found.layers()) {
      most = Math.max(most, layer.storedBytes());
      worst = Math.max(worst, error(layer));
    }
    Table table =
        new Table("layer", "codec", "", "bytes", "", "error", "of").left(1).left(2).left(4).left(6);
    for (LayerReport layer : found.layers()) {
      double error = error(layer);
      table.row(
          Integer.toString(layer.layer()),
          layer.codec(),
          Bar.of((double) layer.storedBytes() / most, WIDTH, lines),
          ByteSize.format(layer.storedBytes()),
          Bar.of(worst == 0 ? 0 : error / worst, WIDTH, lines),
          PackTables.error(error),
          error == 0 ? "" : layer.queries().equals("none") ? "keys" : "output");
    }
    return text.append(table.render(lines)).toString();
  }

  /** Error of attention output, of keys where it was not measured. */
  static double error(LayerReport layer) {
    return layer.queries().equals("none") ? layer.keyError() : layer.outputError();
  }
}
