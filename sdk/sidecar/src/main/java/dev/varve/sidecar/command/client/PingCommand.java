package dev.varve.sidecar.command.client;

import dev.varve.sidecar.command.Arguments;
import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.command.Command;
import dev.varve.sidecar.command.CommandException;
import dev.varve.sidecar.command.CommandInfo;
import dev.varve.sidecar.command.CommandInfo.Flag;
import dev.varve.sidecar.resp.Reply;
import java.util.Optional;

/** {@code PING [message]}. */
public final class PingCommand implements Command {

  @Override
  public CommandInfo info() {
    return CommandInfo.plain("ping", -1, "Answers PONG, or the message.", Flag.FAST);
  }

  @Override
  public Reply run(Arguments arguments, Client client) {
    if (arguments.size() > 2) {
      throw CommandException.arity(arguments.name());
    }
    return arguments.size() == 1
        ? new Reply.Simple("PONG")
        : new Reply.Bulk(arguments.at(1).toBytes());
  }

  @Override
  public Optional<Reply> runNow(Arguments arguments, Client client) {
    return Optional.of(run(arguments, client));
  }
}
