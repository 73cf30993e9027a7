package dev.varve.sidecar.command.string;

import dev.varve.sidecar.command.Arguments;
import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.command.Command;
import dev.varve.sidecar.command.CommandInfo;
import dev.varve.sidecar.command.CommandInfo.Flag;
import dev.varve.sidecar.resp.Reply;
import dev.varve.sidecar.resp.StoredBytes;
import java.util.ArrayList;
import java.util.List;

/** {@code MGET key...}: each value is as it was when its turn came. */
public final class MGetCommand implements Command {

  @Override
  public CommandInfo info() {
    return CommandInfo.keys("mget", -2, "Returns the values of keys.", Flag.READONLY, Flag.FAST);
  }

  @Override
  public Reply run(Arguments arguments, Client client) {
    List<Reply> replies = new ArrayList<>();
    try {
      for (int i = 1; i < arguments.size(); i++) {
        replies.add(Reply.stored(client.keys().value(arguments.key(i))));
      }
      return new Reply.Many(replies);
    } catch (RuntimeException e) {
      for (Reply reply : replies) {
        if (reply instanceof Reply.Stored(StoredBytes value)) {
          value.close();
        }
      }
      throw e;
    }
  }

  @Override
  public Reply failed(Arguments arguments, Client client) {
    return new Reply.Many(arguments.all().stream().skip(1).map(_ -> Reply.NIL).toList());
  }
}
