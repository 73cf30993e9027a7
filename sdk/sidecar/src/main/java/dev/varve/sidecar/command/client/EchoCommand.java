package dev.varve.sidecar.command.client;

import dev.varve.sidecar.command.Arguments;
import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.command.Command;
import dev.varve.sidecar.command.CommandException;
import dev.varve.sidecar.command.CommandInfo;
import dev.varve.sidecar.command.CommandInfo.Flag;
import dev.varve.sidecar.resp.Reply;

/** {@code ECHO message}. */
public final class EchoCommand implements Command {

  private static final long MAX_BYTES = 1L << 20;

  @Override
  public CommandInfo info() {
    return CommandInfo.plain("echo", 2, "Answers the message.", Flag.FAST);
  }

  @Override
  public Reply run(Arguments arguments, Client client) {
    if (arguments.at(1).length() > MAX_BYTES) {
      throw CommandException.of("ECHO takes at most %d bytes".formatted(MAX_BYTES));
    }
    return new Reply.Bulk(arguments.at(1).toBytes());
  }
}
