package dev.varve.sidecar.command.keyspace;

import dev.varve.sidecar.command.Arguments;
import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.command.Command;
import dev.varve.sidecar.command.CommandInfo;
import dev.varve.sidecar.command.CommandInfo.Flag;
import dev.varve.sidecar.resp.Reply;

/** {@code DEL key...} and {@code UNLINK key...}: how many values were deleted. */
public final class DeleteCommand implements Command {

  private final String name;

  public DeleteCommand(String name) {
    this.name = name;
  }

  @Override
  public CommandInfo info() {
    return CommandInfo.keys(name, -2, "Deletes values.", Flag.WRITE);
  }

  @Override
  public Reply run(Arguments arguments, Client client) {
    long deleted = 0;
    for (int i = 1; i < arguments.size(); i++) {
      deleted += client.keys().delete(arguments.key(i)) ? 1 : 0;
    }
    return Reply.whole(deleted);
  }

  @Override
  public Reply failed(Arguments arguments, Client client) {
    return Reply.whole(0);
  }
}
