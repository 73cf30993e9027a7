package dev.varve.sidecar.command.keyspace;

import dev.varve.sidecar.command.Arguments;
import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.command.Command;
import dev.varve.sidecar.command.CommandException;
import dev.varve.sidecar.command.CommandInfo;
import dev.varve.sidecar.command.CommandInfo.Flag;
import dev.varve.sidecar.command.Expiry;
import dev.varve.sidecar.command.Keys;
import dev.varve.sidecar.resp.Reply;
import dev.varve.store.object.ObjectInfo;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/** {@code EXPIRE key time [NX | XX | GT | LT]} and its kin: 1 if the value ends then, else 0. */
public final class ExpireCommand implements Command {

  private static final List<String> CONDITIONS = List.of("nx", "xx", "gt", "lt");

  private final String name;
  private final Expiry expiry;
  private final LongSupplier millis;

  /**
   * @param expiry what the time means
   * @param millis milliseconds since 1970
   */
  public ExpireCommand(String name, Expiry expiry, LongSupplier millis) {
    this.name = name;
    this.expiry = expiry;
    this.millis = millis;
  }

  @Override
  public CommandInfo info() {
    return CommandInfo.oneKey(name, -3, "Says when a value ends.", Flag.WRITE, Flag.FAST);
  }

  @Override
  public Reply run(Arguments arguments, Client client) {
    long now = millis.getAsLong();
    long at = expiry.anyAt(arguments, 2, now);
    Set<String> conditions = conditions(arguments);
    byte[] key = arguments.key(1);
    Keys keys = client.keys();
    Optional<ObjectInfo> info = keys.space().info(key);
    if (info.isEmpty() || !allowed(conditions, info.get(), at)) {
      return Reply.whole(0);
    }
    boolean done = at <= now ? keys.delete(key) : keys.expireAt(key, at);
    return Reply.whole(done ? 1 : 0);
  }

  private static Set<String> conditions(Arguments arguments) {
    Set<String> found = new HashSet<>();
    for (int i = 3; i < arguments.size(); i++) {
      if (!CONDITIONS.contains(arguments.word(i))) {
        throw CommandException.of("Unsupported option " + arguments.text(i));
      }
      found.add(arguments.word(i));
    }
    if (found.contains("nx") && found.size() > 1) {
      throw CommandException.of("NX and XX, GT or LT options at the same time are not compatible");
    }
    if (found.contains("gt") && found.contains("lt")) {
      throw CommandException.of("GT and LT options at the same time are not compatible");
    }
    return found;
  }

  /** A value without an end counts as one that ends later than any other. */
  private static boolean allowed(Set<String> conditions, ObjectInfo info, long at) {
    return !(conditions.contains("nx") && info.expires())
        && !(conditions.contains("xx") && !info.expires())
        && !(conditions.contains("gt") && at <= info.expiresAtMillis())
        && !(conditions.contains("lt") && at >= info.expiresAtMillis());
  }
}
