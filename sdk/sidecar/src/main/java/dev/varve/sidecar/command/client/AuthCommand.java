package dev.varve.sidecar.command.client;

import dev.varve.sidecar.access.User;
import dev.varve.sidecar.command.Arguments;
import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.command.Command;
import dev.varve.sidecar.command.CommandException;
import dev.varve.sidecar.command.CommandInfo;
import dev.varve.sidecar.command.CommandInfo.Flag;
import dev.varve.sidecar.command.Counters;
import dev.varve.sidecar.resp.Reply;

/** {@code AUTH [user] password}. */
public final class AuthCommand implements Command {

  private final Counters counters;
  private final boolean passwords;

  /**
   * @param passwords whether the default user has a password
   */
  public AuthCommand(Counters counters, boolean passwords) {
    this.counters = counters;
    this.passwords = passwords;
  }

  @Override
  public CommandInfo info() {
    return CommandInfo.plain("auth", -2, "Says who the client is.", Flag.FAST, Flag.NO_AUTH);
  }

  @Override
  public Reply run(Arguments arguments, Client client) {
    if (arguments.size() > 3) {
      throw CommandException.syntax();
    }
    if (arguments.size() == 2 && !passwords) {
      throw CommandException.of(
          "AUTH <password> called without any password configured for the default user."
              + " Are you sure your configuration is correct?");
    }
    String name = arguments.size() == 3 ? arguments.text(1) : User.DEFAULT;
    check(client, name, arguments.at(arguments.size() - 1).toBytes(), counters);
    return Reply.OK;
  }

  /** Has the client become a user, or refuses it. */
  static void check(Client client, String name, byte[] password, Counters counters) {
    if (!client.authenticate(name, password)) {
      counters.wrongPasswords.increment();
      throw CommandException.coded(
          "WRONGPASS", "invalid username-password pair or user is disabled.");
    }
  }
}
