package dev.varve.sidecar.command.string;

import dev.varve.sidecar.command.Arguments;
import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.command.Command;
import dev.varve.sidecar.command.CommandInfo;
import dev.varve.sidecar.command.CommandInfo.Flag;
import dev.varve.sidecar.resp.Reply;

/** {@code STRLEN key}: the length of the value; 0 if there is none. */
public final class StrLenCommand implements Command {

  @Override
  public CommandInfo info() {
    return CommandInfo.oneKey(
        "strlen", 2, "Returns the length of a value.", Flag.READONLY, Flag.FAST);
  }

  @Override
  public Reply run(Arguments arguments, Client client) {
    return Reply.whole(client.keys().length(arguments.key(1)));
  }

  @Override
  public Reply failed(Arguments arguments, Client client) {
    return Reply.whole(0);
  }
}
