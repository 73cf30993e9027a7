package dev.varve.sidecar.command.server;

import dev.varve.sidecar.command.Arguments;
import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.command.Clients;
import dev.varve.sidecar.command.Command;
import dev.varve.sidecar.command.CommandInfo;
import dev.varve.sidecar.command.Counters;
import dev.varve.sidecar.command.ServerFacts;
import dev.varve.sidecar.memory.MemoryBudget;
import dev.varve.sidecar.resp.Reply;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * {@code INFO [section...]}: the state of the server under the names that Redis's tools look for.
 */
public final class InfoCommand implements Command {

  private static final Set<String> SECTIONS =
      new LinkedHashSet<>(
          List.of(
              "server",
              "clients",
              "memory",
              "persistence",
              "stats",
              "replication",
              "cluster",
              "keyspace"));
  private static final Set<String> ALL = Set.of("all", "default", "everything");

  private final ServerFacts facts;
  private final Counters counters;
  private final Clients clients;
  private final MemoryBudget memory;
  private final LongSupplier millis;

  /**
   * @param memory what connections hold
   * @param millis milliseconds since 1970
   */
  public InfoCommand(
      ServerFacts facts,
      Counters counters,
      Clients clients,
      MemoryBudget memory,
      LongSupplier millis) {
    this.facts = facts;
    this.counters = counters;
    this.clients = clients;
    this.memory = memory;
    this.millis = millis;
  }

  @Override
  public CommandInfo info() {
    return CommandInfo.plain("info", -1, "Returns the state of the server.");
  }

  @Override
  public Reply run(Arguments arguments, Client client) {
    Set<String> wanted = new LinkedHashSet<>();
    for (int i = 1; i < arguments.size(); i++) {
      if (ALL.contains(arguments.word(i))) {
        wanted.addAll(SECTIONS);
      } else {
        wanted.add(arguments.word(i));
      }
    }
    StringBuilder text = new StringBuilder();
    for (String section : arguments.size() == 1 ? SECTIONS : wanted) {
      if (SECTIONS.contains(section)) {
        text.append(text.isEmpty() ? "" : "\r\n").append(section(section, client).text());
      }
    }
    return new Reply.Verbatim(text.toString());
  }

  private InfoSection section(String name, Client client) {
    return switch (name) {
      case "server" -> server(client);
      case "clients" -> new InfoSection("Clients").with("connected_clients", clients.count());
      case "memory" ->
          new InfoSection("Memory")
              .with("used_memory", memory.used())
              .with("maxmemory", memory.total())
              .with("maxmemory_policy", "allkeys-lru");
      case "persistence" ->
          new InfoSection("Persistence").with("loading", 0).with("aof_enabled", 0);
      case "stats" -> stats();
      case "replication" ->
          new InfoSection("Replication").with("role", "master").with("connected_slaves", 0);
      case "cluster" -> new InfoSection("Cluster").with("cluster_enabled", facts.cluster() ? 1 : 0);
      default -> keyspace(client);
    };
  }

  private InfoSection server(Client client) {
    long seconds = (millis.getAsLong() - facts.startedMillis()) / 1000;
    return new InfoSection("Server")
        .with("redis_version", ServerFacts.REDIS_VERSION)
        .with("varve_version", facts.version())
        .with("redis_mode", facts.cluster() ? "cluster" : "standalone")
        .with("os", String.valueOf(System.getProperty("os.name")))
        .with("arch_bits", 64)
        .with("multiplexing_api", facts.transport())
        .with("process_id", facts.processId())
        .with("run_id", facts.runId())
        .with("tcp_port", client.place().localPort())
        .with("uptime_in_seconds", seconds)
        .with("uptime_in_days", seconds / 86_400);
  }

  private InfoSection stats() {
    return new InfoSection("Stats")
        .with("total_connections_received", counters.connections.sum())
        .with("total_commands_processed", counters.commands.sum())
        .with("rejected_connections", counters.refusedConnections.sum())
        .with("keyspace_hits", counters.hits.sum())
        .with("keyspace_misses", counters.misses.sum())
        .with("acl_access_denied_auth", counters.wrongPasswords.sum())
        .with("varve_dropped_puts", counters.droppedPuts.sum())
        .with("varve_failures", counters.failures.sum());
  }

  private static InfoSection keyspace(Client client) {
    long keys = client.keys().space().count();
    InfoSection section = new InfoSection("Keyspace");
    return keys == 0 ? section : section.with("db0", "keys=" + keys + ",expires=0,avg_ttl=0");
  }
}
