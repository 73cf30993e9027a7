package dev.varve.sidecar.command.handover;

import dev.varve.sidecar.access.User;
import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.command.CommandException;
import dev.varve.sidecar.handover.HandoverSession;
import dev.varve.sidecar.handover.Shelf;
import dev.varve.sidecar.handover.ShelfFullException;
import dev.varve.store.Tenant;
import java.io.IOException;

/** A client that came over the Unix socket, and the memory file of its tenant. */
public record LocalClient(HandoverSession session, Tenant tenant) {

  /** Something that may find no place. */
  @FunctionalInterface
  public interface Use<T> {
    /** Does it. */
    T run() throws ShelfFullException, IOException;
  }

  /**
   * Who asks.
   *
   * @throws CommandException if it came over another socket
   */
  public static LocalClient of(Client client) {
    HandoverSession session =
        client
            .handover()
            .orElseThrow(() ->
                CommandException.of(
                    "memory is handed over at the Unix socket that handover.socket names, and"
                        + " nowhere else: connect to it"));
    return new LocalClient(session, client.user().map(User::tenant).orElse(Tenant.NONE));
  }

  /**
   * The file that it has mapped.
   *
   * @throws CommandException if it has mapped none, or one of another tenant
   */
  public Shelf shelf() {
    return session
        .shelf(tenant)
        .orElseThrow(() -> CommandException.of("map the memory file of this user first: KV.MAP"));
  }

  /** Runs something; what finds no place becomes an error of the code FULL. */
  public static <T> T run(Use<T> use) {
    try {
      return use.run();
    } catch (ShelfFullException e) {
      throw CommandException.coded("FULL", String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw CommandException.of(String.valueOf(e.getMessage()));
    }
  }
}
