package dev.varve.sidecar.command.server;

import dev.varve.sidecar.command.Arguments;
import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.command.Command;
import dev.varve.sidecar.command.CommandException;
import dev.varve.sidecar.command.CommandInfo;
import dev.varve.sidecar.command.Subcommands;
import dev.varve.sidecar.resp.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** {@code COMMAND [COUNT | LIST | INFO | DOCS | GETKEYS]}: the table of commands. */
public final class CommandCommand implements Command {

  private static final CommandInfo INFO =
      CommandInfo.plain("command", -1, "Describes the commands.");

  private final SortedMap<String, CommandInfo> table = new TreeMap<>();

  /**
   * @param others all commands but this one
   */
  public CommandCommand(List<CommandInfo> others) {
    others.forEach(info -> table.put(info.name(), info));
    table.put(INFO.name(), INFO);
  }

  @Override
  public CommandInfo info() {
    return INFO;
  }

  @Override
  public Reply run(Arguments arguments, Client client) {
    return switch (arguments.word(1)) {
      case "" -> described(new ArrayList<>(table.keySet()));
      case "count" -> Reply.whole(table.size());
      case "list" -> Reply.texts(new ArrayList<>(table.keySet()));
      case "info" -> described(asked(arguments));
      case "docs" -> documented(asked(arguments));
      case "getkeys" -> keys(arguments);
      case "help" ->
          Subcommands.help(
              "COMMAND", "(no subcommand)", "COUNT", "DOCS", "GETKEYS", "INFO", "LIST");
      default -> throw Subcommands.unknown(arguments);
    };
  }

  private List<String> asked(Arguments arguments) {
    List<String> names = new ArrayList<>();
    for (int i = 2; i < arguments.size(); i++) {
      names.add(arguments.word(i));
    }
    return names.isEmpty() ? new ArrayList<>(table.keySet()) : names;
  }

  private Reply described(List<String> names) {
    List<Reply> replies = new ArrayList<>();
    for (String name : names) {
      CommandInfo info = table.get(name);
      replies.add(info == null ? Reply.NIL : described(info));
    }
    return new Reply.Many(replies);
  }

  private static Reply described(CommandInfo info) {
    List<Reply> flags = info.flagNames().stream().<Reply>map(Reply.Simple::new).toList();
    return Reply.many(
        Reply.bulk(info.name()),
        Reply.whole(info.arity()),
        new Reply.Many(flags),
        Reply.whole(info.firstKey()),
        Reply.whole(info.lastKey()),
        Reply.whole(info.step()),
        Reply.many(),
        Reply.many(),
        Reply.many(),
        Reply.many());
  }

  private Reply documented(List<String> names) {
    List<Map.Entry<String, Reply>> docs = new ArrayList<>();
    for (String name : names) {
      CommandInfo info = table.get(name);
      if (info != null) {
        Reply text = new Reply.Pairs(List.of(Map.entry("summary", Reply.bulk(info.summary()))));
        docs.add(Map.entry(name, text));
      }
    }
    return new Reply.Pairs(docs);
  }

  private Reply keys(Arguments arguments) {
    if (arguments.size() < 4) {
      throw CommandException.arity("command|getkeys");
    }
    CommandInfo info = table.get(arguments.word(2));
    if (info == null) {
      throw CommandException.of("Invalid command specified");
    }
    int size = arguments.size() - 2;
    if (!info.takes(size)) {
      throw CommandException.of("Invalid number of arguments specified for command");
    }
    if (info.firstKey() == 0) {
      throw CommandException.of("The command has no key arguments");
    }
    int last = info.lastKey() < 0 ? size + info.lastKey() : info.lastKey();
    List<Reply> keys = new ArrayList<>();
    for (int i = info.firstKey(); i <= last; i += info.step()) {
      keys.add(new Reply.Bulk(arguments.at(i + 2).toBytes()));
    }
    return new Reply.Many(keys);
  }
}
