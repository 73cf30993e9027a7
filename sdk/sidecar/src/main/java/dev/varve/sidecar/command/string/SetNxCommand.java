package dev.varve.sidecar.command.string;

import dev.varve.sidecar.command.Arguments;
import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.command.Command;
import dev.varve.sidecar.command.CommandInfo;
import dev.varve.sidecar.command.CommandInfo.Flag;
import dev.varve.sidecar.resp.Reply;
import dev.varve.store.object.CommitTerms;

/** {@code SETNX key value}. */
public final class SetNxCommand implements Command {

  @Override
  public CommandInfo info() {
    return CommandInfo.oneKey(
        "setnx", 3, "Sets a value if the key has none.", Flag.WRITE, Flag.FAST);
  }

  @Override
  public Reply run(Arguments arguments, Client client) {
    boolean stored =
        client.keys().put(arguments.key(1), arguments.at(2), CommitTerms.PLAIN.ifAbsent());
    return Reply.whole(stored ? 1 : 0);
  }
}
