package dev.varve.cli.command;

import dev.varve.cli.Console;
import dev.varve.cli.ExitCode;
import dev.varve.cli.file.KvSource;
import dev.varve.cli.pack.Difference;
import dev.varve.cli.pack.LayerDifference;
import dev.varve.cli.run.Cleanup;
import dev.varve.cli.text.Table;
import dev.varve.cli.text.TransferBar;
import dev.varve.store.kernel.Backends;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Says how the keys and values of two files differ. */
@Command(
    name = "diff",
    description = {
      "Compares the keys and values of two files, whatever their kinds, layer by layer; errors are"
          + " relative to the first.",
      "Ends with 1 if they differ. Logits and outputs are compared with the queries that either"
          + " holds."
    })
final class DiffCommand extends Task {

  @Parameters(index = "0", paramLabel = "A", description = "A file of keys and values.")
  private Path first = Path.of("");

  @Parameters(index = "1", paramLabel = "B", description = "Another one.")
  private Path second = Path.of("");

  @Option(
      names = "--sample",
      paramLabel = "N",
      defaultValue = "4096",
      description = "Tokens on which attention is compared (${DEFAULT-VALUE}).")
  private int sample;

  @Mixin private KindMixin kind = new KindMixin();
  @Mixin private FormatOption format = new FormatOption();

  /**
   * What came of it.
   *
   * @param identical whether all keys and values are the same
   * @param sameBytes whether the files are the same to the byte
   * @param tokens tokens
   * @param layers by layer
   */
  record DiffReport(
      boolean identical, boolean sameBytes, int tokens, List<LayerDifference> layers) {}

  @Override
  protected ExitCode perform(Console console, Cleanup cleanup) throws IOException {
    if (sample < 1) {
      throw misuse("--sample must be at least 1: " + sample);
    }
    kind.options();
    try (KvSource a = kind.open(first);
        KvSource b = kind.open(second);
        TransferBar bar = console.transfer("diff")) {
      long total = a.description().bytes();
      List<LayerDifference> layers =
          new Difference(a, b, sample, Backends.choose(Optional.empty()).backend())
              .run(done -> bar.show(done, total));
      boolean identical = layers.stream().allMatch(LayerDifference::identical);
      DiffReport report =
          new DiffReport(
              identical, Files.mismatch(first, second) < 0, a.description().tokens(), layers);
      format.print(console, report, () -> render(report, console.lines()));
      return identical ? ExitCode.OK : ExitCode.NO;
    }
  }

  private static String render(DiffReport report, boolean lines) {
    if (report.identical()) {
      return report.sameBytes()
          ? "identical to the byte\n"
          : "keys and values are identical; the files differ elsewhere or in kind\n";
    }
    Table table =
        new Table(
            "layer",
            "keys max",
            "mean",
            "relative",
            "values max",
            "mean",
            "relative",
            "logits",
            "output");
    for (LayerDifference layer : report.layers()) {
      table.row(
          Integer.toString(layer.layer()),
          PackTables.error(layer.keys().max()),
          PackTables.error(layer.keys().mean()),
          PackTables.error(layer.keys().relative()),
          PackTables.error(layer.values().max()),
          PackTables.error(layer.values().mean()),
          PackTables.error(layer.values().relative()),
          layer.logitError().map(PackTables::error).orElse("-"),
          layer.outputError().map(PackTables::error).orElse("-"));
    }
    return table.render(lines);
  }
}
