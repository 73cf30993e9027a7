package dev.varve.sidecar.observe;

import dev.varve.sidecar.access.User;
import dev.varve.sidecar.resp.Reply;
import dev.varve.sidecar.resp.Request;
import java.util.Optional;

/**
 * A request that was run, before its reply is sent.
 *
 * @param command name of the command in lower case; {@link #UNKNOWN} for one that there is not
 * @param firstKey position of its first key; 0 if it has none
 * @param readOnly whether it looks values up
 * @param client identity of the connection
 * @param user who asked; empty if the client has not said so yet
 * @param request its arguments
 * @param reply what it is answered
 * @param nanos how long it ran, without the time it waited and the time its reply takes to be sent
 */
public record Observed(
    String command,
    int firstKey,
    boolean readOnly,
    long client,
    Optional<User> user,
    Request request,
    Reply reply,
    long nanos) {

  /** The name that all commands share that there are not. */
  public static final String UNKNOWN = "unknown";

  /** Whether it was refused or failed. */
  public boolean failed() {
    return reply instanceof Reply.Failure;
  }
}
