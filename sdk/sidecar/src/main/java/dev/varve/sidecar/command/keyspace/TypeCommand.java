package dev.varve.sidecar.command.keyspace;

import dev.varve.sidecar.command.Arguments;
import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.command.Command;
import dev.varve.sidecar.command.CommandInfo;
import dev.varve.sidecar.command.CommandInfo.Flag;
import dev.varve.sidecar.resp.Reply;

/** {@code TYPE key}: every value is a string. */
public final class TypeCommand implements Command {

  @Override
  public CommandInfo info() {
    return CommandInfo.oneKey("type", 2, "Returns the type of a value.", Flag.READONLY, Flag.FAST);
  }

  @Override
  public Reply run(Arguments arguments, Client client) {
    boolean there = client.keys().space().info(arguments.key(1)).isPresent();
    return new Reply.Simple(there ? "string" : "none");
  }

  @Override
  public Reply failed(Arguments arguments, Client client) {
    return new Reply.Simple("none");
  }
}
