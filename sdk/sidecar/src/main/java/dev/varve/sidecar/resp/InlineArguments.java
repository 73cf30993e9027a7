package dev.varve.sidecar.resp;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Cuts an inline command, as typed into a terminal, into arguments: split at blanks, with quotes
 * and escapes as Redis has them.
 */
final class InlineArguments {

  private final byte[] line;
  private int at;

  private InlineArguments(byte[] line) {
    this.line = line;
  }

  /** The arguments of a line without its end; none for an empty line. */
  static List<Argument> split(byte[] line) throws ProtocolException {
    InlineArguments cutter = new InlineArguments(line);
    List<Argument> arguments = new ArrayList<>();
    while (cutter.skipBlanks()) {
      arguments.add(Argument.of(cutter.word()));
    }
    return arguments;
  }

  private boolean skipBlanks() {
    while (at < line.length && blank(line[at])) {
      at++;
    }
    return at < line.length;
  }

  private byte[] word() throws ProtocolException {
    ByteArrayOutputStream word = new ByteArrayOutputStream();
    while (at < line.length && !blank(line[at])) {
      byte next = line[at++];
      switch (next) {
        case '"' -> {
          doubleQuoted(word);
          checkEnd();
        }
        case '\'' -> {
          singleQuoted(word);
          checkEnd();
        }
        default -> word.write(next);
      }
    }
    return word.toByteArray();
  }

  private void checkEnd() throws ProtocolException {
    if (at < line.length && !blank(line[at])) {
      throw unbalanced();
    }
  }

  private void singleQuoted(ByteArrayOutputStream word) throws ProtocolException {
    while (at < line.length) {
      byte next = line[at++];
      if (next == '\'') {
        return;
      }
      if (next == '\\' && at < line.length && line[at] == '\'') {
        next = line[at++];
      }
      word.write(next);
    }
    throw unbalanced();
  }

  private void doubleQuoted(ByteArrayOutputStream word) throws ProtocolException {
    while (at < line.length) {
      byte next = line[at++];
      if (next == '"') {
        return;
      }
      word.write(next == '\\' && at < line.length ? escaped() : next);
    }
    throw unbalanced();
  }

  private int escaped() {
    byte next = line[at++];
    if (next == 'x' && at + 1 < line.length && hex(line[at]) && hex(line[at + 1])) {
      at += 2;
      return HexFormat.fromHexDigit(line[at - 2]) << 4 | HexFormat.fromHexDigit(line[at - 1]);
    }
    return switch (next) {
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'b' -> '\b';
      case 'a' -> 7;
      default -> next;
    };
  }

  private static boolean hex(byte digit) {
    return HexFormat.isHexDigit(digit);
  }

  private static boolean blank(byte value) {
    return value == ' ' || (value >= '\t' && value <= '\r') || value == 0;
  }

  private static ProtocolException unbalanced() {
    return new ProtocolException("unbalanced quotes in request");
  }
}
