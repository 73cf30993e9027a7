package dev.varve.sidecar.http;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds what there is at a path and has it answer. Thread-safe. */
public final class Routes {

  private static final Logger LOG = LoggerFactory.getLogger(Routes.class);

  private final Map<String, Endpoint> endpoints = new HashMap<>();
  private final AdminToken token;

  /**
   * @param state of the server
   * @param administrator does what it is told
   * @param token by which it is known
   */
  public Routes(StateRoutes state, Administrator administrator, AdminToken token) {
    this.token = token;
    endpoints.putAll(state.endpoints());
    endpoints.putAll(AdminRoutes.endpoints(administrator));
    endpoints.putAll(PageRoutes.endpoints());
  }

  /** Answers; whatever fails becomes a reply. */
  HttpReply answer(
      String method, String path, Map<String, List<String>> parameters, String authorization) {
    Endpoint endpoint = endpoints.get(path);
    if (endpoint == null) {
      return HttpReply.refusal(404, "there is nothing at this path");
    }
    if (!endpoint.takes(method)) {
      return HttpReply.refusal(405, "this path takes " + endpoint.method() + " only")
          .with("Allow", endpoint.method());
    }
    Optional<HttpReply> refused = endpoint.admin() ? token.refuse(authorization) : Optional.empty();
    if (refused.isPresent()) {
      LOG.warn("an admin call to {} is refused", path);
      return refused.get();
    }
    try {
      if (endpoint.admin()) {
        LOG.info("an administrator calls {}", path);
      }
      return endpoint.answer().to(parameters);
    } catch (RuntimeException e) {
      LOG.error("{} failed", path, e);
      return HttpReply.refusal(500, "this failed, the reason is in the log of the server");
    }
  }
}
