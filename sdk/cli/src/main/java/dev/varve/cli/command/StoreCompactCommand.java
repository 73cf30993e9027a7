package dev.varve.cli.command;

import dev.varve.cli.Console;
import dev.varve.cli.ExitCode;
import dev.varve.cli.run.Cleanup;
import dev.varve.cli.text.ByteSize;
import dev.varve.cli.text.Numbers;
import dev.varve.store.ssd.Compaction;
import dev.varve.store.ssd.StoreMaintenance;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Makes the files of a store smaller. */
@Command(
    name = "compact",
    description =
        "Copies live blocks out of sparse segments and deletes free files. Needs room on the disk"
            + " for the blocks that it copies.")
final class StoreCompactCommand extends Task {

  @Mixin private StorePath store = new StorePath();

  @Option(
      names = "--below",
      paramLabel = "RATIO",
      defaultValue = "0.5",
      description = "Empty segments of which less than this part is live (${DEFAULT-VALUE}).")
  private double below;

  @Override
  protected ExitCode perform(Console console, Cleanup cleanup) {
    Compaction compaction = StoreMaintenance.compact(store.path(), below);
    if (store.json()) {
      console.json(compaction);
    } else {
      console.println(
          "%s blocks moved, %s freed"
              .formatted(
                  Numbers.count(compaction.movedBlocks()),
                  ByteSize.format(compaction.freedBytes())));
    }
    if (compaction.damagedBlocks() > 0) {
      console.note(
          Numbers.count(compaction.damagedBlocks())
              + " damaged blocks were left where they are: run 'varve store repair'");
      return ExitCode.NO;
    }
    return ExitCode.OK;
  }
}
