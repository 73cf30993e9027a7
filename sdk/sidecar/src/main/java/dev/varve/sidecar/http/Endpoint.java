package dev.varve.sidecar.http;

import java.util.List;
import java.util.Map;

/**
 * What there is at one path. Runs on a worker.
 *
 * @param method {@code GET}, which answers {@code HEAD} too, or {@code POST}
 * @param admin whether the token is asked for
 * @param answer makes the reply of the parameters behind the question mark
 */
record Endpoint(String method, boolean admin, Answer answer) {

  /** Makes a reply. */
  @FunctionalInterface
  interface Answer {
    HttpReply to(Map<String, List<String>> parameters);
  }

  static Endpoint get(Answer answer) {
    return new Endpoint("GET", false, answer);
  }

  static Endpoint adminPost(Answer answer) {
    return new Endpoint("POST", true, answer);
  }

  boolean takes(String asked) {
    return asked.equals(method) || (asked.equals("HEAD") && method.equals("GET"));
  }
}
