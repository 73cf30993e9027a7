package dev.varve.cli.command;

import dev.varve.cli.Console;
import dev.varve.cli.ExitCode;
import dev.varve.cli.llama.SlotFolder;
import dev.varve.cli.llama.SlotReport;
import dev.varve.cli.run.Cleanup;
import dev.varve.cli.text.ByteSize;
import dev.varve.cli.text.Numbers;
import dev.varve.cli.text.Table;
import dev.varve.store.kernel.Backends;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Keeps a folder of slot files small. */
@Command(
    name = "cache",
    description = {
      "Packs the slot files that llama-server saved in a folder (--slot-save-path): chunks of"
          + " tokens that several files hold are kept once, and all are compressed without losing a"
          + " bit.",
      "Packed files that were used longest ago are given up for the budget. --restore writes one"
          + " back for the server to load."
    })
final class LlamacppCacheCommand extends Task {

  @Parameters(paramLabel = "DIR", description = "The folder.")
  private Path folder = Path.of("");

  @Option(
      names = "--budget",
      paramLabel = "SIZE",
      required = true,
      description = "Bytes that the packed files may take, as 20GB.")
  private ByteSize budget = new ByteSize(1);

  @Option(
      names = "--restore",
      paramLabel = "NAME",
      description = "Write this file back; nothing is packed then. May be given several times.")
  private List<String> restore = new ArrayList<>();

  @Mixin private FormatOption format = new FormatOption();

  @Override
  protected ExitCode perform(Console console, Cleanup cleanup) throws IOException {
    List<String> packed = new ArrayList<>();
    List<String> left = new ArrayList<>();
    try (SlotFolder slots = SlotFolder.open(folder, Backends.choose(Optional.empty()).backend())) {
      for (String name : restore) {
        slots.restore(name, FileTime.from(Instant.now()));
      }
      if (restore.isEmpty()) {
        slots.pack(packed, left);
      }
      List<String> evicted = slots.evict(budget.bytes());
      List<SlotReport.Packed> files = slots.list();
      long raw = files.stream().mapToLong(SlotReport.Packed::rawBytes).sum();
      SlotReport report =
          new SlotReport(
              folder.toString(),
              budget.bytes(),
              slots.bytes(),
              raw,
              files,
              packed,
              restore,
              evicted,
              left);
      format.print(console, report, () -> render(report, console.lines()));
    }
    return ExitCode.OK;
  }

  private static String render(SlotReport report, boolean lines) {
    Table table = new Table("file", "tokens", "size", "chunks", "shared");
    for (SlotReport.Packed file : report.files()) {
      table.row(
          file.name(),
          Numbers.count(file.tokens()),
          ByteSize.format(file.rawBytes()),
          Numbers.count(file.chunks()),
          Numbers.count(file.sharedChunks()));
    }
    return table.render(lines)
        + "\n%s in %s of %s; packed %d, restored %d, evicted %d, left alone %d\n"
            .formatted(
                ByteSize.format(report.rawBytes()),
                ByteSize.format(report.bytes()),
                ByteSize.format(report.budget()),
                report.packed().size(),
                report.restored().size(),
                report.evicted().size(),
                report.left().size())
        + names("evicted for the budget", report.evicted())
        + names("left alone, no whole file of a sequence of a known form", report.left());
  }

  private static String names(String what, List<String> names) {
    return names.isEmpty() ? "" : "%s: %s\n".formatted(what, String.join(", ", names));
  }
}
