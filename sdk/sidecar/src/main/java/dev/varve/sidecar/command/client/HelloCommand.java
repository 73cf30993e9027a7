package dev.varve.sidecar.command.client;

import dev.varve.sidecar.command.Arguments;
import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.command.Command;
import dev.varve.sidecar.command.CommandException;
import dev.varve.sidecar.command.CommandInfo;
import dev.varve.sidecar.command.CommandInfo.Flag;
import dev.varve.sidecar.command.Counters;
import dev.varve.sidecar.command.ServerFacts;
import dev.varve.sidecar.resp.Protocol;
import dev.varve.sidecar.resp.Reply;
import java.util.List;
import java.util.Map;

/** {@code HELLO [2 | 3] [AUTH user password] [SETNAME name]}. */
public final class HelloCommand implements Command {

  private final ServerFacts facts;
  private final Counters counters;

  public HelloCommand(ServerFacts facts, Counters counters) {
    this.facts = facts;
    this.counters = counters;
  }

  @Override
  public CommandInfo info() {
    return CommandInfo.plain(
        "hello", -1, "Chooses the protocol and says who the client is.", Flag.FAST, Flag.NO_AUTH);
  }

  @Override
  public Reply run(Arguments arguments, Client client) {
    Protocol protocol = arguments.size() > 1 ? protocol(arguments) : client.protocol();
    String name = client.name();
    int auth = 0;
    for (int i = 2; i < arguments.size(); i++) {
      if (arguments.word(i).equals("auth") && i + 2 < arguments.size()) {
        auth = i;
        i += 2;
      } else if (arguments.word(i).equals("setname") && i + 1 < arguments.size()) {
        name = ClientNames.checked(arguments.text(++i));
      } else {
        throw CommandException.of("Syntax error in HELLO option '%s'".formatted(arguments.text(i)));
      }
    }
    if (auth > 0) {
      AuthCommand.check(
          client, arguments.text(auth + 1), arguments.at(auth + 2).toBytes(), counters);
    }
    if (client.user().isEmpty()) {
      throw CommandException.coded(
          "NOAUTH",
          "HELLO must be called with the client already authenticated, otherwise the HELLO <proto>"
              + " AUTH <user> <pass> option can be used to authenticate the client and select the"
              + " RESP protocol version at the same time");
    }
    client.name(name);
    client.protocol(protocol);
    return greeting(client);
  }

  private static Protocol protocol(Arguments arguments) {
    return switch (arguments.word(1)) {
      case "2" -> Protocol.RESP2;
      case "3" -> Protocol.RESP3;
      default -> {
        if (!arguments.word(1).matches("-?[0-9]{1,18}")) {
          throw CommandException.of("Protocol version is not an integer or out of range");
        }
        throw CommandException.coded("NOPROTO", "unsupported protocol version");
      }
    };
  }

  private Reply greeting(Client client) {
    return new Reply.Pairs(
        List.of(
            Map.entry("server", Reply.bulk("redis")),
            Map.entry("version", Reply.bulk(ServerFacts.REDIS_VERSION)),
            Map.entry("proto", Reply.whole(client.protocol().version())),
            Map.entry("id", Reply.whole(client.id())),
            Map.entry("mode", Reply.bulk(facts.cluster() ? "cluster" : "standalone")),
            Map.entry("role", Reply.bulk("master")),
            Map.entry("modules", Reply.many())));
  }
}
