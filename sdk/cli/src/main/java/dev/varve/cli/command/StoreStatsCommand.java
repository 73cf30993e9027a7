package dev.varve.cli.command;

import dev.varve.cli.Console;
import dev.varve.cli.ExitCode;
import dev.varve.cli.run.Cleanup;
import dev.varve.cli.text.ByteSize;
import dev.varve.cli.text.Numbers;
import dev.varve.cli.text.Table;
import dev.varve.store.ssd.StoreMaintenance;
import dev.varve.store.ssd.StoreStats;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Says what a store holds. */
@Command(
    name = "stats",
    description =
        "Says what a store holds: blocks, bytes, how live each segment is, free files, and counts"
            + " by tenant and model, which are shown by their hashes.")
final class StoreStatsCommand extends Task {

  @Mixin private StorePath store = new StorePath();

  @Override
  protected ExitCode perform(Console console, Cleanup cleanup) {
    StoreStats stats = StoreMaintenance.stats(store.path());
    if (store.json()) {
      console.json(stats);
    } else {
      print(console, stats);
    }
    return ExitCode.OK;
  }

  private static void print(Console console, StoreStats stats) {
    console.println(
        "%s blocks, %s of payload; %s on the disk, %s of it in %s free files; %s; %s"
            .formatted(
                Numbers.count(stats.blocks()),
                ByteSize.format(stats.payloadBytes()),
                ByteSize.format(stats.diskBytes()),
                ByteSize.format(stats.freeBytes()),
                Numbers.count(stats.freeFiles()),
                stats.ioMode(),
                stats.cleanlyClosed() ? "closed" : "not closed"));
    Table segments = new Table("segment", "blocks", "live", "file", "live ratio");
    for (StoreStats.SegmentUsage segment : stats.segments()) {
      segments.row(
          "%016x".formatted(segment.number()),
          Numbers.count(segment.blocks()),
          ByteSize.format(segment.liveBytes()),
          ByteSize.format(segment.fileBytes()),
          Numbers.ratio(segment.liveRatio()));
    }
    console.print("\n" + segments.render(console.lines()));
    console.print("\n" + owners("tenant", stats.tenants()).render(console.lines()));
    console.print("\n" + owners("model", stats.models()).render(console.lines()));
  }

  private static Table owners(String what, List<StoreStats.Owner> owners) {
    Table table = new Table(what, "blocks", "payload");
    for (StoreStats.Owner owner : owners) {
      table.row(owner.hash(), Numbers.count(owner.blocks()), ByteSize.format(owner.payloadBytes()));
    }
    return table;
  }
}
