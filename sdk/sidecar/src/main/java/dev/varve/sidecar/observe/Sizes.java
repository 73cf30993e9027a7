package dev.varve.sidecar.observe;

import dev.varve.sidecar.resp.Argument;
import dev.varve.sidecar.resp.Reply;
import dev.varve.sidecar.resp.Request;

/** How much a request brought and takes away. */
public final class Sizes {

  private Sizes() {}

  /** Bytes of the arguments, the name included, without what the protocol adds. */
  public static long in(Request request) {
    long bytes = 0;
    for (Argument argument : request.arguments()) {
      bytes += argument.length();
    }
    return bytes;
  }

  /** Bytes of the values in a reply, without what the protocol adds. */
  public static long out(Reply reply) {
    return switch (reply) {
      case Reply.Stored(var value) -> value.remaining();
      case Reply.Bulk bulk -> bulk.length();
      case Reply.Many(var items) -> items.stream().mapToLong(Sizes::out).sum();
      case Reply.Verbatim(var text) -> text.length();
      default -> 0;
    };
  }
}
