package dev.varve.sidecar.command.client;

import dev.varve.sidecar.command.Arguments;
import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.command.Command;
import dev.varve.sidecar.command.CommandInfo;
import dev.varve.sidecar.command.CommandInfo.Flag;
import dev.varve.sidecar.resp.Reply;

/** {@code RESET}: the connection is as if it had just begun. */
public final class ResetCommand implements Command {

  @Override
  public CommandInfo info() {
    return CommandInfo.plain("reset", 1, "Begins the connection anew.", Flag.FAST, Flag.NO_AUTH);
  }

  @Override
  public Reply run(Arguments arguments, Client client) {
    client.reset();
    return new Reply.Simple("RESET");
  }
}
