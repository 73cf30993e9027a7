package dev.varve.sidecar.status;

import java.util.List;
import java.util.Optional;

/**
 * Everything that {@code /status} tells. Names of its components, and of theirs, in lower case with
 * underscores are the names of the fields: they are kept from version to version.
 *
 * @param status {@code starting} until the store was looked at, {@code serving}, or {@code
 *     draining} once it is told to end
 * @param server the server
 * @param store what it serves from; empty until it was looked at
 * @param traffic requests by model and tenant, busiest first
 * @param prefixes the prefixes of keys that come most often; counts are estimates
 * @param commands the commands that were run, busiest first
 * @param events the stream of KV events; empty if there is none
 * @param tls the certificate; empty if connections are not encrypted
 * @param handover memory of clients of this machine; empty if none is handed over
 */
public record Status(
    String status,
    ServerState server,
    Optional<StoreState> store,
    List<Traffic.Counts> traffic,
    List<HeavyHitters.Hitter> prefixes,
    List<CommandState> commands,
    Optional<EventState> events,
    Optional<TlsState> tls,
    Optional<HandoverState> handover) {

  /** In one word. */
  public static String word(ServerState server, boolean lookedAt) {
    if (server.draining()) {
      return "draining";
    }
    return lookedAt ? "serving" : "starting";
  }
}
