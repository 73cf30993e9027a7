package dev.varve.sidecar.command.string;

import dev.varve.sidecar.command.Arguments;
import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.command.Command;
import dev.varve.sidecar.command.CommandException;
import dev.varve.sidecar.command.CommandInfo;
import dev.varve.sidecar.command.CommandInfo.Flag;
import dev.varve.sidecar.resp.Reply;
import dev.varve.store.object.CommitTerms;
import java.util.Set;

/** {@code MSET key value [key value...]}: one after the other, each at once. */
public final class MSetCommand implements Command {

  @Override
  public CommandInfo info() {
    return new CommandInfo("mset", -3, Set.of(Flag.WRITE), 1, -1, 2, "Sets the values of keys.");
  }

  @Override
  public Reply run(Arguments arguments, Client client) {
    if (arguments.size() % 2 == 0) {
      throw CommandException.arity(arguments.name());
    }
    for (int i = 1; i < arguments.size(); i += 2) {
      arguments.key(i);
    }
    for (int i = 1; i < arguments.size(); i += 2) {
      client.keys().put(arguments.key(i), arguments.at(i + 1), CommitTerms.PLAIN);
    }
    return Reply.OK;
  }
}
