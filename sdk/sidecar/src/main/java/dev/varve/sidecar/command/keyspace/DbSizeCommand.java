package dev.varve.sidecar.command.keyspace;

import dev.varve.sidecar.command.Arguments;
import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.command.Command;
import dev.varve.sidecar.command.CommandInfo;
import dev.varve.sidecar.command.CommandInfo.Flag;
import dev.varve.sidecar.resp.Reply;

/** {@code DBSIZE}: number of keys of the client's tenant. */
public final class DbSizeCommand implements Command {

  @Override
  public CommandInfo info() {
    return CommandInfo.plain("dbsize", 1, "Counts the keys.", Flag.READONLY, Flag.FAST);
  }

  @Override
  public Reply run(Arguments arguments, Client client) {
    return Reply.whole(client.keys().space().count());
  }
}
