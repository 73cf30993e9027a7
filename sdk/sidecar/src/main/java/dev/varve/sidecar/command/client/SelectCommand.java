package dev.varve.sidecar.command.client;

import dev.varve.sidecar.command.Arguments;
import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.command.Command;
import dev.varve.sidecar.command.CommandException;
import dev.varve.sidecar.command.CommandInfo;
import dev.varve.sidecar.command.CommandInfo.Flag;
import dev.varve.sidecar.resp.Reply;

/** {@code SELECT 0}: there is one database; who must not see each other's keys are users. */
public final class SelectCommand implements Command {

  @Override
  public CommandInfo info() {
    return CommandInfo.plain("select", 2, "Selects the one database there is.", Flag.FAST);
  }

  @Override
  public Reply run(Arguments arguments, Client client) {
    if (arguments.integer(1) != 0) {
      throw CommandException.of("DB index is out of range");
    }
    return Reply.OK;
  }
}
