package dev.varve.cli.command;

import dev.varve.cli.Console;
import dev.varve.cli.ExitCode;
import dev.varve.cli.run.Cleanup;
import dev.varve.cli.text.Numbers;
import dev.varve.store.ssd.RepairReport;
import dev.varve.store.ssd.StoreMaintenance;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Drops what is damaged. */
@Command(
    name = "repair",
    description =
        "Drops damaged records and makes the index anew from the segments if it is not to be"
            + " trusted.")
final class StoreRepairCommand extends Task {

  @Mixin private StorePath store = new StorePath();

  @Override
  protected ExitCode perform(Console console, Cleanup cleanup) {
    RepairReport report = StoreMaintenance.repair(store.path());
    if (store.json()) {
      console.json(report);
    } else {
      console.println(
          "%s blocks held, %s damaged records dropped, index %s"
              .formatted(
                  Numbers.count(report.blocks()),
                  Numbers.count(report.dropped()),
                  report.indexRebuilt() ? "rebuilt" : "kept"));
    }
    return ExitCode.OK;
  }
}
