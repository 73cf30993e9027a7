package dev.varve.sidecar.command.kv;

import dev.varve.sidecar.command.Command;
import dev.varve.sidecar.command.Counters;
import dev.varve.sidecar.memory.MemoryBudget;
import dev.varve.sidecar.model.Models;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Makes the commands about models.
 *
 * @param models that the server knows
 * @param counters what happened
 * @param memory what requests hold
 * @param millis milliseconds since 1970
 * @param nanos like {@link System#nanoTime}
 */
public record KvCommands(
    Models models,
    Counters counters,
    MemoryBudget memory,
    LongSupplier millis,
    LongSupplier nanos) {

  /** All of them. */
  public List<Command> all() {
    return List.of(
        new MatchCommand(models),
        new PutCommand(models),
        new GetCommand(models, counters),
        new StreamCommand(models, counters, nanos),
        new AttendCommand(models, memory),
        new IndexCommand(models, memory),
        new LeaseCommand(models),
        new PinCommand(models, millis),
        new QuotaCommand(models),
        new ExplainCommand(models),
        new PolicyCommand(models));
  }
}
