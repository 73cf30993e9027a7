package dev.varve.sidecar.command.client;

import dev.varve.sidecar.command.Arguments;
import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.command.Command;
import dev.varve.sidecar.command.CommandInfo;
import dev.varve.sidecar.command.CommandInfo.Flag;
import dev.varve.sidecar.resp.Reply;

/** {@code QUIT}: the connection ends once this was answered. */
public final class QuitCommand implements Command {

  @Override
  public CommandInfo info() {
    return CommandInfo.plain("quit", -1, "Ends the connection.", Flag.FAST, Flag.NO_AUTH);
  }

  @Override
  public Reply run(Arguments arguments, Client client) {
    client.finish();
    return Reply.OK;
  }
}
