package dev.varve.sidecar.command.keyspace;

import dev.varve.sidecar.command.Arguments;
import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.command.Command;
import dev.varve.sidecar.command.CommandInfo;
import dev.varve.sidecar.command.CommandInfo.Flag;
import dev.varve.sidecar.resp.Reply;

/** {@code EXISTS key...} and {@code TOUCH key...}: how many of the keys have a value. */
public final class ExistsCommand implements Command {

  private final String name;

  public ExistsCommand(String name) {
    this.name = name;
  }

  @Override
  public CommandInfo info() {
    return CommandInfo.keys(
        name, -2, "Counts the keys that have a value.", Flag.READONLY, Flag.FAST);
  }

  @Override
  public Reply run(Arguments arguments, Client client) {
    long found = 0;
    for (int i = 1; i < arguments.size(); i++) {
      found += client.keys().info(arguments.key(i)).isPresent() ? 1 : 0;
    }
    return Reply.whole(found);
  }

  @Override
  public Reply failed(Arguments arguments, Client client) {
    return Reply.whole(0);
  }
}
