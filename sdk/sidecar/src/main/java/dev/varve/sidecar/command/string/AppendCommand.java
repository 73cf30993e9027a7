package dev.varve.sidecar.command.string;

import dev.varve.sidecar.command.Arguments;
import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.command.Command;
import dev.varve.sidecar.command.CommandException;
import dev.varve.sidecar.command.CommandInfo;
import dev.varve.sidecar.command.CommandInfo.Flag;
import dev.varve.sidecar.resp.Argument;
import dev.varve.sidecar.resp.Reply;

/** {@code APPEND key value}: returns the length afterwards. */
public final class AppendCommand implements Command {

  private final long maxBytes;

  /**
   * @param maxBytes longest value
   */
  public AppendCommand(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  @Override
  public CommandInfo info() {
    return CommandInfo.oneKey("append", 3, "Appends to a value.", Flag.WRITE, Flag.FAST);
  }

  @Override
  public Reply run(Arguments arguments, Client client) {
    byte[] key = arguments.key(1);
    Argument value = arguments.at(2);
    long before = client.keys().length(key);
    if (before + value.length() > maxBytes) {
      throw CommandException.of("string exceeds maximum allowed size (proto-max-bulk-len)");
    }
    return Reply.whole(client.keys().append(key, value));
  }
}
