package dev.varve.sidecar.command.server;

import dev.varve.sidecar.command.Arguments;
import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.command.Command;
import dev.varve.sidecar.command.CommandException;
import dev.varve.sidecar.command.CommandInfo;
import dev.varve.sidecar.command.CommandInfo.Flag;
import dev.varve.sidecar.command.GlobPattern;
import dev.varve.sidecar.command.ServerFacts;
import dev.varve.sidecar.command.Subcommands;
import dev.varve.sidecar.resp.Reply;
import dev.varve.sidecar.resp.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * {@code CONFIG GET pattern...}: the settings that clients ask for, under Redis's names. Nothing is
 * set this way: {@code CONFIG SET} is refused, {@code RESETSTAT} does nothing.
 */
public final class ConfigCommand implements Command {

  private final ServerFacts facts;

  public ConfigCommand(ServerFacts facts) {
    this.facts = facts;
  }

  @Override
  public CommandInfo info() {
    return CommandInfo.plain("config", -2, "Returns settings.", Flag.ADMIN);
  }

  @Override
  public Reply run(Arguments arguments, Client client) {
    return switch (arguments.word(1)) {
      case "get" -> get(arguments);
      case "set" -> throw refused(arguments);
      case "resetstat" -> Reply.OK;
      case "help" -> Subcommands.help("CONFIG", "GET <pattern> [<pattern> ...]", "RESETSTAT");
      default -> throw Subcommands.unknown(arguments);
    };
  }

  private Reply get(Arguments arguments) {
    if (arguments.size() < 3) {
      throw CommandException.arity("config|get");
    }
    List<Map.Entry<String, Reply>> found = new ArrayList<>();
    for (ServerFacts.Setting setting : facts.settings()) {
      for (int i = 2; i < arguments.size(); i++) {
        String pattern = arguments.text(i).toLowerCase(Locale.ROOT);
        if (new GlobPattern(Text.bytes(pattern)).matches(Text.bytes(setting.name()))) {
          found.add(Map.entry(setting.name(), Reply.bulk(setting.value())));
          break;
        }
      }
    }
    return new Reply.Pairs(found);
  }

  private static CommandException refused(Arguments arguments) {
    if (arguments.size() < 4) {
      return CommandException.arity("config|set");
    }
    return CommandException.of(
        "CONFIG SET failed (possibly related to argument '%.128s') - can't set immutable config"
            .formatted(arguments.text(2)));
  }
}
