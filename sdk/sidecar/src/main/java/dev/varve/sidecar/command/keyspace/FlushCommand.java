package dev.varve.sidecar.command.keyspace;

import dev.varve.sidecar.command.Arguments;
import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.command.Command;
import dev.varve.sidecar.command.CommandException;
import dev.varve.sidecar.command.CommandInfo;
import dev.varve.sidecar.command.CommandInfo.Flag;
import dev.varve.sidecar.resp.Reply;

/**
 * {@code FLUSHDB [ASYNC | SYNC]} and {@code FLUSHALL}: deletes what the client's tenant has, and
 * nothing of others.
 */
public final class FlushCommand implements Command {

  private final String name;

  public FlushCommand(String name) {
    this.name = name;
  }

  @Override
  public CommandInfo info() {
    return CommandInfo.plain(name, -1, "Deletes all values of the tenant.", Flag.WRITE);
  }

  @Override
  public Reply run(Arguments arguments, Client client) {
    String how = arguments.word(1);
    boolean known = arguments.size() == 1 || how.equals("async") || how.equals("sync");
    if (!known || arguments.size() > 2) {
      throw CommandException.syntax();
    }
    client.keys().space().deleteAll();
    return Reply.OK;
  }
}
