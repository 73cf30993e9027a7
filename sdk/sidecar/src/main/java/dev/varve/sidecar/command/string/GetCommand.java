package dev.varve.sidecar.command.string;

import dev.varve.sidecar.command.Arguments;
import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.command.Command;
import dev.varve.sidecar.command.CommandInfo;
import dev.varve.sidecar.command.CommandInfo.Flag;
import dev.varve.sidecar.resp.Reply;
import java.util.Optional;

/** {@code GET key}: the value, or nil. */
public final class GetCommand implements Command {

  @Override
  public CommandInfo info() {
    return CommandInfo.oneKey("get", 2, "Returns the value of a key.", Flag.READONLY, Flag.FAST);
  }

  @Override
  public Reply run(Arguments arguments, Client client) {
    return Reply.stored(client.keys().value(arguments.key(1)));
  }

  @Override
  public Optional<Reply> runNow(Arguments arguments, Client client) {
    return client.keys().valueNow(arguments.key(1)).map(Reply.Stored::new);
  }

  @Override
  public Reply failed(Arguments arguments, Client client) {
    return Reply.NIL;
  }
}
