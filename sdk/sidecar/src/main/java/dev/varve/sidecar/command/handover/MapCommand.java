package dev.varve.sidecar.command.handover;

import dev.varve.sidecar.command.Arguments;
import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.command.Command;
import dev.varve.sidecar.command.CommandInfo;
import dev.varve.sidecar.handover.Shelf;
import dev.varve.sidecar.resp.Reply;
import java.util.List;
import java.util.Map;

/**
 * {@code KV.MAP}: the memory file of the client's tenant, whose descriptor comes with the first
 * byte of the reply.
 */
public final class MapCommand implements Command {

  @Override
  public CommandInfo info() {
    return CommandInfo.plain("kv.map", 1, "Hands over the memory file.", CommandInfo.Flag.READONLY);
  }

  @Override
  public Reply run(Arguments arguments, Client client) {
    LocalClient local = LocalClient.of(client);
    Shelf shelf = LocalClient.run(() -> local.session().map(local.tenant()));
    return new Reply.Pairs(
        List.of(
            Map.entry("file", Reply.whole(shelf.number())),
            Map.entry("bytes", Reply.whole(shelf.bytes()))));
  }
}
