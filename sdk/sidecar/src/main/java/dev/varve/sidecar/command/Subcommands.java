package dev.varve.sidecar.command;

import dev.varve.sidecar.resp.Reply;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** What commands with subcommands share. */
public final class Subcommands {

  private Subcommands() {}

  /** The refusal of a subcommand that there is not. */
  public static CommandException unknown(Arguments arguments) {
    return CommandException.of(
        "unknown subcommand '%.128s'. Try %s HELP."
            .formatted(arguments.text(1), arguments.name().toUpperCase(Locale.ROOT)));
  }

  /** Refuses all numbers of arguments but this, both names included. */
  public static void arity(Arguments arguments, int size) {
    if (arguments.size() != size) {
      throw CommandException.arity(arguments.name() + "|" + arguments.word(1));
    }
  }

  /** The reply to {@code HELP}. */
  public static Reply help(String command, String... subcommands) {
    List<Reply> lines =
        Stream.concat(
                Stream.of(command + " <subcommand> [<arg> ...]. Subcommands are:"),
                Stream.of(subcommands))
            .<Reply>map(Reply.Simple::new)
            .toList();
    return new Reply.Many(lines);
  }
}
