package dev.varve.sidecar.command.handover;

import dev.varve.sidecar.command.Arguments;
import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.command.Command;
import dev.varve.sidecar.command.CommandInfo;
import dev.varve.sidecar.resp.Reply;

/** {@code KV.RELEASE lease [lease ...]}: ends leases, and says how many of them there were. */
public final class ReleaseCommand implements Command {

  @Override
  public CommandInfo info() {
    return CommandInfo.plain(
        "kv.release", -2, "Ends leases in the memory file.", CommandInfo.Flag.READONLY);
  }

  @Override
  public Reply run(Arguments arguments, Client client) {
    LocalClient local = LocalClient.of(client);
    long[] numbers = new long[arguments.size() - 1];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = arguments.integer(i + 1);
    }
    int ended = 0;
    for (long number : numbers) {
      ended += local.session().release(number) ? 1 : 0;
    }
    return Reply.whole(ended);
  }
}
