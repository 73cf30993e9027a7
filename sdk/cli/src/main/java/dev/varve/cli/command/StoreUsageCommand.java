package dev.varve.cli.command;

import dev.varve.cli.Console;
import dev.varve.cli.ExitCode;
import dev.varve.cli.run.Cleanup;
import dev.varve.cli.text.ByteSize;
import dev.varve.cli.text.Numbers;
import dev.varve.cli.text.Table;
import dev.varve.store.Tenant;
import dev.varve.store.ssd.StoreMaintenance;
import dev.varve.store.ssd.StoreUsage;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Says who keeps how much in a store. */
@Command(
    name = "usage",
    description =
        "Says how many bytes a store keeps by tenant and model, which are shown by their hashes;"
            + " opaque objects are a model of their own.")
final class StoreUsageCommand extends Task {

  @Mixin private StorePath store = new StorePath();

  @Override
  protected ExitCode perform(Console console, Cleanup cleanup) {
    List<StoreUsage> rows = StoreMaintenance.usage(store.path());
    if (store.json()) {
      console.json(rows);
    } else if (rows.isEmpty()) {
      console.println("the store is empty");
    } else {
      console.print(table(rows).render(console.lines()));
    }
    return ExitCode.OK;
  }

  private static Table table(List<StoreUsage> rows) {
    Table table = new Table("tenant", "model", "chunks", "blocks", "payload", "stored");
    for (StoreUsage row : rows) {
      table.row(
          row.tenant().equals(Tenant.NONE.hash()) ? TenantOption.NONE : row.tenant(),
          row.model(),
          Numbers.count(row.chunks()),
          Numbers.count(row.blocks()),
          ByteSize.format(row.payloadBytes()),
          ByteSize.format(row.storedBytes()));
    }
    return table;
  }
}
