package dev.varve.sidecar.http;

import java.io.IOException;
import java.util.Map;

/** The calls of an administrator. */
final class AdminRoutes {

  private AdminRoutes() {}

  static Map<String, Endpoint> endpoints(Administrator administrator) {
    return Map.of(
        "/admin/flush",
        Endpoint.adminPost(_ ->
            HttpReply.json(200, Map.of("status", "flushed", "deleted", administrator.flush()))),
        "/admin/drain",
        Endpoint.adminPost(_ -> {
          administrator.drain();
          return HttpReply.json(202, Map.of("status", "draining"));
        }),
        "/admin/reload",
        Endpoint.adminPost(_ -> reload(administrator)));
  }

  private static HttpReply reload(Administrator administrator) {
    try {
      return HttpReply.json(200, Map.of("status", "reloaded", "reloaded", administrator.reload()));
    } catch (IOException e) {
      return HttpReply.refusal(409, String.valueOf(e.getMessage()));
    }
  }
}
