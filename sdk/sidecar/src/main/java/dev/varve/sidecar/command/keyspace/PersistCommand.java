package dev.varve.sidecar.command.keyspace;

import dev.varve.sidecar.command.Arguments;
import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.command.Command;
import dev.varve.sidecar.command.CommandInfo;
import dev.varve.sidecar.command.CommandInfo.Flag;
import dev.varve.sidecar.resp.Reply;
import dev.varve.store.object.ObjectInfo;

/** {@code PERSIST key}: 1 if the value had an end and has none now. */
public final class PersistCommand implements Command {

  @Override
  public CommandInfo info() {
    return CommandInfo.oneKey("persist", 2, "Takes the end off a value.", Flag.WRITE, Flag.FAST);
  }

  @Override
  public Reply run(Arguments arguments, Client client) {
    byte[] key = arguments.key(1);
    boolean ends = client.keys().space().info(key).filter(ObjectInfo::expires).isPresent();
    return Reply.whole(ends && client.keys().expireAt(key, ObjectInfo.NEVER) ? 1 : 0);
  }
}
