package dev.varve.sidecar.command.keyspace;

import dev.varve.sidecar.command.Arguments;
import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.command.Command;
import dev.varve.sidecar.command.CommandInfo;
import dev.varve.sidecar.command.CommandInfo.Flag;
import dev.varve.sidecar.resp.Reply;
import dev.varve.store.object.ObjectInfo;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * {@code TTL} and {@code PTTL}: the time that a value has left; -1 if it has no end, -2 if there is
 * none.
 */
public final class TtlCommand implements Command {

  private final String name;
  private final long unit;
  private final LongSupplier millis;

  /**
   * @param unit milliseconds of a unit
   * @param millis milliseconds since 1970
   */
  public TtlCommand(String name, long unit, LongSupplier millis) {
    this.name = name;
    this.unit = unit;
    this.millis = millis;
  }

  @Override
  public CommandInfo info() {
    return CommandInfo.oneKey(
        name, 2, "Returns the time that a value has left.", Flag.READONLY, Flag.FAST);
  }

  @Override
  public Reply run(Arguments arguments, Client client) {
    Optional<ObjectInfo> info = client.keys().space().info(arguments.key(1));
    if (info.isEmpty()) {
      return Reply.whole(-2);
    }
    if (!info.get().expires()) {
      return Reply.whole(-1);
    }
    long left = Math.max(0, info.get().expiresAtMillis() - millis.getAsLong());
    return Reply.whole((left + unit / 2) / unit);
  }

  @Override
  public Reply failed(Arguments arguments, Client client) {
    return Reply.whole(-2);
  }
}
