package dev.varve.sidecar.resp;

import java.util.List;

/**
 * A request as it was received: the command and its arguments. Its owner closes it once it was run,
 * which ends the arguments; closing twice does nothing.
 */
public final class Request implements AutoCloseable {

  private final List<Argument> arguments;
  private final Runnable released;
  private boolean open = true;

  /**
   * @param arguments at least one, the name of the command first
   * @param released run when the request is closed
   */
  public Request(List<Argument> arguments, Runnable released) {
    this.arguments = List.copyOf(arguments);
    this.released = released;
  }

  /** A request of texts, a byte a character. */
  public static Request of(String... texts) {
    return new Request(
        List.of(texts).stream().map(text -> Argument.of(Text.bytes(text))).toList(), () -> {});
  }

  /** The name of the command in lower case. */
  public String command() {
    return Text.word(arguments.getFirst());
  }

  /** Number of arguments, the name of the command included. */
  public int size() {
    return arguments.size();
  }

  /** One argument; 0 is the name of the command. */
  public Argument argument(int index) {
    return arguments.get(index);
  }

  /** All of them. */
  public List<Argument> arguments() {
    return arguments;
  }

  @Override
  public void close() {
    if (open) {
      open = false;
      for (Argument argument : arguments) {
        if (argument instanceof LargeArgument large) {
          large.close();
        }
      }
      released.run();
    }
  }
}
