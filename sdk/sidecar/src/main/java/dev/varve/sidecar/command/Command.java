package dev.varve.sidecar.command;

import dev.varve.sidecar.resp.Reply;
import java.util.Optional;

/** One command. Without state of its own, so it may run for many clients at once. */
public interface Command {

  /** Its name and form. */
  CommandInfo info();

  /**
   * Runs it.
   *
   * @param arguments as many as its form allows
   * @throws CommandException if the arguments are refused
   */
  Reply run(Arguments arguments, Client client);

  /**
   * Runs it if that takes no waiting, for a store or another thread; on the event loop.
   *
   * @return empty if it might have to wait, or the arguments are to be refused: nothing was done
   *     then, and {@link #run} does it
   */
  default Optional<Reply> runNow(Arguments arguments, Client client) {
    return Optional.empty();
  }

  /**
   * The reply where the store failed. A cache may always say that it has nothing, and some clients
   * understand nothing else.
   */
  default Reply failed(Arguments arguments, Client client) {
    return Reply.error("the store failed, the reason is in the log of the server");
  }
}
