package dev.varve.cli.command;

import dev.varve.cli.Console;
import dev.varve.cli.ExitCode;
import dev.varve.cli.run.Cleanup;
import dev.varve.cli.text.ByteSize;
import dev.varve.cli.text.Numbers;
import dev.varve.store.ssd.StoreMaintenance;
import dev.varve.store.ssd.VerifyReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Reads and checks a whole store. */
@Command(
    name = "verify",
    description =
        "Reads every record and checks header, checksum and index; changes nothing but the lock's"
            + " process id. Ends with 1 if anything is damaged.")
final class StoreVerifyCommand extends Task {

  @Mixin private StorePath store = new StorePath();

  @Override
  protected ExitCode perform(Console console, Cleanup cleanup) {
    VerifyReport report = StoreMaintenance.verify(store.path());
    if (store.json()) {
      console.json(report);
    } else {
      print(console, report);
    }
    return report.sound() ? ExitCode.OK : ExitCode.NO;
  }

  private static void print(Console console, VerifyReport report) {
    report.firstDamages().forEach(damage -> console.println("damaged: " + damage));
    console.println(
        "%s blocks sound, %s of payload; %s records in the segments"
            .formatted(
                Numbers.count(report.blocks()),
                ByteSize.format(report.payloadBytes()),
                Numbers.count(report.records())));
    if (report.unnamed() > 0) {
      console.println(
          Numbers.count(report.unnamed())
              + " records are not named by the index: unfinished when the process was stopped");
    }
    if (!report.cleanlyClosed()) {
      console.println("the store was not closed; its next open takes in what was unfinished");
    }
    console.println(
        report.sound()
            ? "sound"
            : Numbers.count(report.damages()) + " damages: run 'varve store repair'");
  }
}
