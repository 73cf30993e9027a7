package dev.varve.sidecar.connection;

import dev.varve.sidecar.resp.Protocol;
import dev.varve.sidecar.resp.Reply;
import dev.varve.sidecar.resp.Request;
import java.util.Optional;

/** One client's side of the server: runs its requests, one after the other. */
public interface RequestRunner {

  /** Runs a request, which stays the caller's to close; whatever fails becomes a reply. */
  Reply run(Request request);

  /**
   * Runs a request if that takes no waiting; for the event loop.
   *
   * @return empty if it might have to wait: nothing was done then, and {@link #run} does it
   */
  Optional<Reply> runNow(Request request);

  /** The protocol that replies are written in now; it may change with every request. */
  Protocol protocol();

  /** Whether the client has identified itself, or need not; asked on other threads too. */
  boolean trusted();

  /** Whether the client asked to be disconnected. */
  boolean finished();

  /** The client is gone. */
  void ended();
}
