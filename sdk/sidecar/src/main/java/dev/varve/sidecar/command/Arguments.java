package dev.varve.sidecar.command;

import dev.varve.sidecar.resp.Argument;
import dev.varve.sidecar.resp.Decimal;
import dev.varve.sidecar.resp.Request;
import dev.varve.sidecar.resp.Text;
import dev.varve.store.object.ObjectSpace;
import java.util.List;

/** The arguments of one request, read as what a command takes them for; 0 is its name. */
public record Arguments(Request request) {

  /** Number of arguments, the name included. */
  public int size() {
    return request.size();
  }

  /** The name in lower case. */
  public String name() {
    return request.command();
  }

  /** Any bytes. */
  public Argument at(int index) {
    return request.argument(index);
  }

  /** Text, a character a byte. */
  public String text(int index) {
    return Text.of(at(index));
  }

  /** An option or subcommand in lower case; the empty text if there are not so many arguments. */
  public String word(int index) {
    return index < size() ? Text.word(at(index)) : "";
  }

  /** A key; refused if it is longer than keys may be. */
  public byte[] key(int index) {
    Argument argument = at(index);
    if (argument.length() > ObjectSpace.MAX_NAME_BYTES) {
      throw CommandException.of(
          "a key of %d bytes is too long, the longest has %d"
              .formatted(argument.length(), ObjectSpace.MAX_NAME_BYTES));
    }
    return argument.toBytes();
  }

  /** A whole number. */
  public long integer(int index) {
    if (index >= size()) {
      throw CommandException.syntax();
    }
    Argument argument = at(index);
    if (argument.length() > 20) {
      throw CommandException.notAnInteger();
    }
    return Decimal.parse(argument.toBytes()).orElseThrow(CommandException::notAnInteger);
  }

  /** The arguments as they came. */
  public List<Argument> all() {
    return request.arguments();
  }
}
