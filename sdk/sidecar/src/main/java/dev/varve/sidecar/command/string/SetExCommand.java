package dev.varve.sidecar.command.string;

import dev.varve.sidecar.command.Arguments;
import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.command.Command;
import dev.varve.sidecar.command.CommandInfo;
import dev.varve.sidecar.command.CommandInfo.Flag;
import dev.varve.sidecar.command.Expiry;
import dev.varve.sidecar.resp.Reply;
import dev.varve.store.object.CommitTerms;
import java.util.function.LongSupplier;

/** {@code SETEX key seconds value} and {@code PSETEX key milliseconds value}. */
public final class SetExCommand implements Command {

  private final String name;
  private final Expiry expiry;
  private final LongSupplier millis;

  /**
   * @param expiry unit of the time
   * @param millis milliseconds since 1970
   */
  public SetExCommand(String name, Expiry expiry, LongSupplier millis) {
    this.name = name;
    this.expiry = expiry;
    this.millis = millis;
  }

  @Override
  public CommandInfo info() {
    return CommandInfo.oneKey(name, 4, "Sets a value that ends after some time.", Flag.WRITE);
  }

  @Override
  public Reply run(Arguments arguments, Client client) {
    long at = expiry.at(arguments, 2, millis.getAsLong());
    client.keys().put(arguments.key(1), arguments.at(3), CommitTerms.PLAIN.expiringAt(at));
    return Reply.OK;
  }
}
