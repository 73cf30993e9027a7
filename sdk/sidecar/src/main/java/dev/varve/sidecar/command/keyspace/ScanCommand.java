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
import java.util.List;

/** {@code SCAN cursor [MATCH pattern] [COUNT count] [TYPE type]}: some keys, and where to go on. */
public final class ScanCommand implements Command {

  private static final int DEFAULT_COUNT = 10;
  private static final int MAX_COUNT = 100_000;

  @Override
  public CommandInfo info() {
    return CommandInfo.plain("scan", -2, "Walks over the keys.", Flag.READONLY);
  }

  @Override
  public Reply run(Arguments arguments, Client client) {
    long cursor = cursor(arguments);
    GlobPattern pattern = new GlobPattern(new byte[] {'*'});
    int count = DEFAULT_COUNT;
    boolean strings = true;
    for (int i = 2; i < arguments.size(); i += 2) {
      if (i + 1 == arguments.size()) {
        throw CommandException.syntax();
      }
      switch (arguments.word(i)) {
        case "match" -> pattern = new GlobPattern(arguments.at(i + 1).toBytes());
        case "count" -> count = count(arguments.integer(i + 1));
        case "type" -> strings = arguments.word(i + 1).equals("string");
        default -> throw CommandException.syntax();
      }
    }
    ObjectPage page = client.keys().space().scan(cursor, count);
    GlobPattern wanted = pattern;
    List<Reply> keys =
        strings
            ? page.names().stream().filter(wanted::matches).<Reply>map(Reply.Bulk::new).toList()
            : List.of();
    return Reply.many(Reply.bulk(Long.toUnsignedString(page.cursor())), new Reply.Many(keys));
  }

  private static int count(long asked) {
    if (asked < 1) {
      throw CommandException.syntax();
    }
    return (int) Math.min(asked, MAX_COUNT);
  }

  private static long cursor(Arguments arguments) {
    try {
      return Long.parseUnsignedLong(arguments.word(1));
    } catch (NumberFormatException e) {
      throw CommandException.of("invalid cursor");
    }
  }
}
