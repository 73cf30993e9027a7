package dev.varve.sidecar.command.keyspace;

import dev.varve.sidecar.command.Arguments;
import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.command.Command;
import dev.varve.sidecar.command.CommandException;
import dev.varve.sidecar.command.CommandInfo;
import dev.varve.sidecar.command.CommandInfo.Flag;
import dev.varve.sidecar.command.GlobPattern;
import dev.varve.sidecar.resp.Reply;
import dev.varve.store.object.ObjectPage;
import java.util.ArrayList;
import java.util.List;

/** {@code KEYS pattern}: all keys that fit, as long as these are not too many for one reply. */
public final class KeysCommand implements Command {

  private static final int PAGE = 1000;
  private static final long MAX_BYTES = 64L << 20;

  @Override
  public CommandInfo info() {
    return CommandInfo.plain("keys", 2, "Returns the keys that fit a pattern.", Flag.READONLY);
  }

  @Override
  public Reply run(Arguments arguments, Client client) {
    GlobPattern pattern = new GlobPattern(arguments.at(1).toBytes());
    List<Reply> found = new ArrayList<>();
    long bytes = 0;
    long cursor = 0;
    do {
      ObjectPage page = client.keys().space().scan(cursor, PAGE);
      for (byte[] key : page.names()) {
        if (pattern.matches(key)) {
          found.add(new Reply.Bulk(key));
          bytes += key.length + 64L;
        }
      }
      if (bytes > MAX_BYTES) {
        throw CommandException.of(
            "KEYS would take more than %d MiB for its reply: use SCAN".formatted(MAX_BYTES >> 20));
      }
      cursor = page.cursor();
    } while (cursor != 0);
    return new Reply.Many(found);
  }
}
