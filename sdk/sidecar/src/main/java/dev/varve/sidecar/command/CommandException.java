package dev.varve.sidecar.command;

import dev.varve.sidecar.resp.Reply;

/** A request that is refused, with the error that the client gets, in Redis's words. */
public final class CommandException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient Reply reply;

  private CommandException(String text) {
    super(text, null, false, false);
    this.reply = new Reply.Failure(text);
  }

  /** An error of code {@code ERR}. */
  public static CommandException of(String sentence) {
    return new CommandException("ERR " + sentence);
  }

  /** An error of another code. */
  public static CommandException coded(String code, String sentence) {
    return new CommandException(code + " " + sentence);
  }

  /** An option that is unknown or out of place. */
  public static CommandException syntax() {
    return of("syntax error");
  }

  /** A number that is none. */
  public static CommandException notAnInteger() {
    return of("value is not an integer or out of range");
  }

  /** A number of arguments that the command does not take. */
  public static CommandException arity(String command) {
    return of("wrong number of arguments for '%s' command".formatted(command));
  }

  /** What the client is told. */
  public Reply reply() {
    return reply;
  }
}
