package dev.varve.sidecar.command.string;

import dev.varve.sidecar.command.Arguments;
import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.command.Command;
import dev.varve.sidecar.command.CommandInfo;
import dev.varve.sidecar.command.CommandInfo.Flag;
import dev.varve.sidecar.resp.Reply;
import dev.varve.store.object.ObjectLease;
import java.util.Optional;

/** {@code GETRANGE key start end}: both ends belong to it; negative ones count from the end. */
public final class GetRangeCommand implements Command {

  private static final Reply NOTHING = Reply.bulk("");

  @Override
  public CommandInfo info() {
    return CommandInfo.oneKey("getrange", 4, "Returns a part of a value.", Flag.READONLY);
  }

  @Override
  public Reply run(Arguments arguments, Client client) {
    long start = arguments.integer(2);
    long end = arguments.integer(3);
    Optional<ObjectLease> found = client.keys().lease(arguments.key(1));
    if (found.isEmpty()) {
      return NOTHING;
    }
    ObjectLease lease = found.get();
    long first = Math.max(0, start < 0 ? lease.length() + start : start);
    long last = Math.min(lease.length() - 1, Math.max(0, end < 0 ? lease.length() + end : end));
    if ((start < 0 && end < 0 && start > end) || first > last) {
      lease.close();
      return NOTHING;
    }
    return Reply.stored(client.keys().range(lease, first, last - first + 1));
  }

  @Override
  public Reply failed(Arguments arguments, Client client) {
    return NOTHING;
  }
}
