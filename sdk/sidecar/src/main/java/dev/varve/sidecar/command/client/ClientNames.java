package dev.varve.sidecar.command.client;

import dev.varve.sidecar.command.CommandException;

/** Names that clients give themselves. */
final class ClientNames {

  private static final int LONGEST = 1024;

  private ClientNames() {}

  /** The name, if it can stand in a list. */
  static String checked(String name) {
    if (name.length() > LONGEST || !name.chars().allMatch(each -> each > ' ' && each < 127)) {
      throw CommandException.of(
          "Client names cannot contain spaces, newlines or special characters.");
    }
    return name;
  }
}
