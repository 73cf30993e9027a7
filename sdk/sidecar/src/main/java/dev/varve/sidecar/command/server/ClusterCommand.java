package dev.varve.sidecar.command.server;

import dev.varve.sidecar.command.Arguments;
import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.command.Command;
import dev.varve.sidecar.command.CommandInfo;
import dev.varve.sidecar.command.ServerFacts;
import dev.varve.sidecar.command.Subcommands;
import dev.varve.sidecar.resp.Reply;
import java.util.List;
import java.util.Map;

/**
 * {@code CLUSTER SLOTS | SHARDS | NODES | INFO | MYID | KEYSLOT}: a cluster of one node that has
 * all slots, at the address that the client reached it by.
 */
public final class ClusterCommand implements Command {

  private static final int LAST_SLOT = HashSlot.COUNT - 1;

  private final ServerFacts facts;

  public ClusterCommand(ServerFacts facts) {
    this.facts = facts;
  }

  @Override
  public CommandInfo info() {
    return CommandInfo.plain("cluster", -2, "Describes a cluster of one node.");
  }

  @Override
  public Reply run(Arguments arguments, Client client) {
    Client.Place place = client.place();
    return switch (arguments.word(1)) {
      case "slots" -> Reply.many(slots(place));
      case "shards" -> Reply.many(shard(place));
      case "nodes" -> new Reply.Verbatim(node(place));
      case "info" -> new Reply.Verbatim(state());
      case "myid" -> Reply.bulk(facts.runId());
      case "keyslot" -> {
        Subcommands.arity(arguments, 3);
        yield Reply.whole(HashSlot.of(arguments.key(2)));
      }
      case "help" ->
          Subcommands.help("CLUSTER", "INFO", "KEYSLOT", "MYID", "NODES", "SHARDS", "SLOTS");
      default -> throw Subcommands.unknown(arguments);
    };
  }

  private Reply slots(Client.Place place) {
    return Reply.many(
        Reply.whole(0),
        Reply.whole(LAST_SLOT),
        Reply.many(
            Reply.bulk(place.localHost()),
            Reply.whole(place.localPort()),
            Reply.bulk(facts.runId()),
            Reply.many()));
  }

  private Reply shard(Client.Place place) {
    Reply node =
        new Reply.Pairs(
            List.of(
                Map.entry("id", Reply.bulk(facts.runId())),
                Map.entry("port", Reply.whole(place.localPort())),
                Map.entry("ip", Reply.bulk(place.localHost())),
                Map.entry("endpoint", Reply.bulk(place.localHost())),
                Map.entry("role", Reply.bulk("master")),
                Map.entry("replication-offset", Reply.whole(0)),
                Map.entry("health", Reply.bulk("online"))));
    return new Reply.Pairs(
        List.of(
            Map.entry("slots", Reply.many(Reply.whole(0), Reply.whole(LAST_SLOT))),
            Map.entry("nodes", Reply.many(node))));
  }

  private String node(Client.Place place) {
    return "%s %s:%d@%d myself,master - 0 0 0 connected 0-%d\n"
        .formatted(
            facts.runId(), place.localHost(), place.localPort(), place.localPort(), LAST_SLOT);
  }

  private static String state() {
    return "cluster_state:ok\r\ncluster_slots_assigned:%1$d\r\ncluster_slots_ok:%1$d\r\n"
            .formatted(HashSlot.COUNT)
        + "cluster_slots_pfail:0\r\ncluster_slots_fail:0\r\ncluster_known_nodes:1\r\n"
        + "cluster_size:1\r\ncluster_current_epoch:0\r\ncluster_my_epoch:0\r\n";
  }
}
