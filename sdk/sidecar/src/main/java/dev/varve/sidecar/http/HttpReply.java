package dev.varve.sidecar.http;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * What a request is answered.
 *
 * @param status as 200
 * @param type of the body
 * @param body not changed any more
 * @param headers others
 */
record HttpReply(int status, String type, Body body, Map<String, String> headers) {

  static final String JSON = "application/json";

  /** Some bytes, not copied. */
  static final class Body {

    private final byte[] bytes;

    Body(byte[] bytes) {
      this.bytes = bytes;
    }

    byte[] bytes() {
      return bytes;
    }
  }

  HttpReply {
    headers = Map.copyOf(headers);
  }

  static HttpReply of(int status, String type, String text) {
    return new HttpReply(status, type, new Body(text.getBytes(StandardCharsets.UTF_8)), Map.of());
  }

  /** An object of one field or two, as JSON. */
  static HttpReply state(int status, Map<String, ?> fields) {
    return json(status, fields);
  }

  static HttpReply json(int status, Object value) {
    return new HttpReply(status, JSON, new Body(Json.bytes(value)), Map.of());
  }

  /** A refusal, with a sentence. */
  static HttpReply refusal(int status, String sentence) {
    return json(status, Map.of("error", sentence));
  }

  HttpReply with(String header, String value) {
    return new HttpReply(status, type, body, Map.of(header, value));
  }
}
