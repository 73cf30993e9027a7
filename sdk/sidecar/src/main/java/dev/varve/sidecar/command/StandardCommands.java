package dev.varve.sidecar.command;

import dev.varve.sidecar.command.client.AuthCommand;
import dev.varve.sidecar.command.client.ClientCommand;
import dev.varve.sidecar.command.client.EchoCommand;
import dev.varve.sidecar.command.client.HelloCommand;
import dev.varve.sidecar.command.client.PingCommand;
import dev.varve.sidecar.command.client.QuitCommand;
import dev.varve.sidecar.command.client.ResetCommand;
import dev.varve.sidecar.command.client.SelectCommand;
import dev.varve.sidecar.command.handover.LeaseKeysCommand;
import dev.varve.sidecar.command.handover.MapCommand;
import dev.varve.sidecar.command.handover.ReleaseCommand;
import dev.varve.sidecar.command.keyspace.DbSizeCommand;
import dev.varve.sidecar.command.keyspace.DeleteCommand;
import dev.varve.sidecar.command.keyspace.ExistsCommand;
import dev.varve.sidecar.command.keyspace.ExpireCommand;
import dev.varve.sidecar.command.keyspace.FlushCommand;
import dev.varve.sidecar.command.keyspace.KeysCommand;
import dev.varve.sidecar.command.keyspace.PersistCommand;
import dev.varve.sidecar.command.keyspace.ScanCommand;
import dev.varve.sidecar.command.keyspace.TtlCommand;
import dev.varve.sidecar.command.keyspace.TypeCommand;
import dev.varve.sidecar.command.server.ClusterCommand;
import dev.varve.sidecar.command.server.CommandCommand;
import dev.varve.sidecar.command.server.ConfigCommand;
import dev.varve.sidecar.command.server.InfoCommand;
import dev.varve.sidecar.command.string.AppendCommand;
import dev.varve.sidecar.command.string.GetCommand;
import dev.varve.sidecar.command.string.GetDelCommand;
import dev.varve.sidecar.command.string.GetRangeCommand;
import dev.varve.sidecar.command.string.IncrementCommand;
import dev.varve.sidecar.command.string.MGetCommand;
import dev.varve.sidecar.command.string.MSetCommand;
import dev.varve.sidecar.command.string.SetCommand;
import dev.varve.sidecar.command.string.SetExCommand;
import dev.varve.sidecar.command.string.SetNxCommand;
import dev.varve.sidecar.command.string.StrLenCommand;
import dev.varve.sidecar.memory.MemoryBudget;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Makes the table of all commands: those that Redis has too, and some more.
 *
 * @param facts of the server
 * @param clients everybody who is connected
 * @param counters what happened
 * @param memory what connections hold
 * @param maxValueBytes longest value
 * @param passwords whether the default user has a password
 * @param more commands that Redis does not have
 * @param millis milliseconds since 1970
 */
public record StandardCommands(
    ServerFacts facts,
    Clients clients,
    Counters counters,
    MemoryBudget memory,
    long maxValueBytes,
    boolean passwords,
    List<Command> more,
    LongSupplier millis) {

  /** All of them. */
  public CommandTable table() {
    List<Command> all = new ArrayList<>();
    all.addAll(ofClients());
    all.addAll(ofKeys());
    all.addAll(ofStrings());
    all.addAll(more);
    all.addAll(List.of(new MapCommand(), new LeaseKeysCommand(), new ReleaseCommand()));
    all.add(new ConfigCommand(facts));
    all.add(new ClusterCommand(facts));
    all.add(new InfoCommand(facts, counters, clients, memory, millis));
    all.add(new CommandCommand(all.stream().map(Command::info).toList()));
    return new CommandTable(all);
  }

  private List<Command> ofClients() {
    return List.of(
        new PingCommand(),
        new EchoCommand(),
        new SelectCommand(),
        new QuitCommand(),
        new ResetCommand(),
        new AuthCommand(counters, passwords),
        new HelloCommand(facts, counters),
        new ClientCommand(clients, millis));
  }

  private List<Command> ofKeys() {
    return List.of(
        new ExistsCommand("exists"),
        new ExistsCommand("touch"),
        new DeleteCommand("del"),
        new DeleteCommand("unlink"),
        new TtlCommand("ttl", 1000, millis),
        new TtlCommand("pttl", 1, millis),
        new ExpireCommand("expire", Expiry.SECONDS, millis),
        new ExpireCommand("pexpire", Expiry.MILLIS, millis),
        new ExpireCommand("expireat", Expiry.AT_SECONDS, millis),
        new ExpireCommand("pexpireat", Expiry.AT_MILLIS, millis),
        new PersistCommand(),
        new ScanCommand(),
        new KeysCommand(),
        new DbSizeCommand(),
        new FlushCommand("flushdb"),
        new FlushCommand("flushall"),
        new TypeCommand());
  }

  private List<Command> ofStrings() {
    return List.of(
        new GetCommand(),
        new SetCommand(millis),
        new SetExCommand("setex", Expiry.SECONDS, millis),
        new SetExCommand("psetex", Expiry.MILLIS, millis),
        new SetNxCommand(),
        new GetDelCommand(),
        new MGetCommand(),
        new MSetCommand(),
        new GetRangeCommand(),
        new StrLenCommand(),
        new AppendCommand(maxValueBytes),
        new IncrementCommand("incr", false, false),
        new IncrementCommand("decr", true, false),
        new IncrementCommand("incrby", false, true),
        new IncrementCommand("decrby", true, true));
  }
}
