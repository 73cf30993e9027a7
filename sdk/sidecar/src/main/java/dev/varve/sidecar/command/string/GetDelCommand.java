package dev.varve.sidecar.command.string;

import dev.varve.sidecar.command.Arguments;
import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.command.Command;
import dev.varve.sidecar.command.CommandInfo;
import dev.varve.sidecar.command.CommandInfo.Flag;
import dev.varve.sidecar.command.Keys;
import dev.varve.sidecar.resp.Reply;
import dev.varve.store.object.ObjectLease;
import java.util.Optional;

/** {@code GETDEL key}: the value, which is deleted. */
public final class GetDelCommand implements Command {

  @Override
  public CommandInfo info() {
    return CommandInfo.oneKey(
        "getdel", 2, "Returns the value of a key and deletes it.", Flag.WRITE, Flag.FAST);
  }

  @Override
  public Reply run(Arguments arguments, Client client) {
    byte[] key = arguments.key(1);
    Keys keys = client.keys();
    while (true) {
      Optional<ObjectLease> lease = keys.lease(key);
      if (lease.isEmpty()) {
        return Reply.NIL;
      }
      if (keys.delete(key, lease.get().info().version())) {
        return Reply.stored(keys.range(lease.get(), 0, lease.get().length()));
      }
      lease.get().close();
    }
  }
}
