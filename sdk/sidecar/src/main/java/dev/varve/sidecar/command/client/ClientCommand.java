package dev.varve.sidecar.command.client;

import dev.varve.sidecar.command.Arguments;
import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.command.Clients;
import dev.varve.sidecar.command.Command;
import dev.varve.sidecar.command.CommandException;
import dev.varve.sidecar.command.CommandInfo;
import dev.varve.sidecar.command.Subcommands;
import dev.varve.sidecar.resp.Reply;
import java.util.function.LongSupplier;

/**
 * {@code CLIENT ID | INFO | LIST | GETNAME | SETNAME | SETINFO | NO-EVICT | NO-TOUCH | HELP}: what
 * libraries say of themselves when they connect.
 */
public final class ClientCommand implements Command {

  private final Clients clients;
  private final LongSupplier millis;

  /**
   * @param clients everybody who is connected
   * @param millis milliseconds since 1970
   */
  public ClientCommand(Clients clients, LongSupplier millis) {
    this.clients = clients;
    this.millis = millis;
  }

  @Override
  public CommandInfo info() {
    return CommandInfo.plain("client", -2, "Speaks of connections.");
  }

  @Override
  public Reply run(Arguments arguments, Client client) {
    return switch (arguments.word(1)) {
      case "id" -> Reply.whole(client.id());
      case "info" -> new Reply.Verbatim(client.line(millis.getAsLong()) + "\n");
      case "list" -> list(client);
      case "getname" -> client.name().isEmpty() ? Reply.NIL : Reply.bulk(client.name());
      case "setname" -> {
        Subcommands.arity(arguments, 3);
        client.name(ClientNames.checked(arguments.text(2)));
        yield Reply.OK;
      }
      case "setinfo" -> {
        Subcommands.arity(arguments, 4);
        setInfo(arguments, client);
        yield Reply.OK;
      }
      case "no-evict", "no-touch" -> {
        Subcommands.arity(arguments, 3);
        yield Reply.OK;
      }
      case "help" ->
          Subcommands.help("CLIENT", "GETNAME", "ID", "INFO", "LIST", "SETINFO", "SETNAME");
      default -> throw Subcommands.unknown(arguments);
    };
  }

  /** Everybody for whoever may administer; else those of the same tenant. */
  private Reply list(Client asking) {
    StringBuilder lines = new StringBuilder();
    clients
        .shownTo(asking)
        .forEach(each -> lines.append(each.line(millis.getAsLong())).append('\n'));
    return new Reply.Verbatim(lines.toString());
  }

  private static void setInfo(Arguments arguments, Client client) {
    String value = arguments.text(3);
    if (!value.chars().allMatch(each -> each > ' ' && each < 127) || value.length() > 256) {
      throw CommandException.of(
          "%s cannot contain spaces, newlines or special characters.".formatted(arguments.word(2)));
    }
    switch (arguments.word(2)) {
      case "lib-name" -> client.library(value);
      case "lib-ver" -> client.libraryVersion(value);
      default -> throw CommandException.of("Unrecognized option '%s'".formatted(arguments.text(2)));
    }
  }
}
