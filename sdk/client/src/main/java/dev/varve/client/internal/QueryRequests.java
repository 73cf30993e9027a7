package dev.varve.client.internal;

import dev.varve.client.RemoteQueries;
import dev.varve.client.RemoteScope;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Writes what a request about queries over a context says behind the context. */
public final class QueryRequests {

  private QueryRequests() {}

  /**
   * The arguments.
   *
   * @param tokens of the context
   * @param span tokens of a chunk
   */
  public static List<ByteBuf> arguments(
      RemoteQueries queries, RemoteScope scope, int tokens, int span) {
    int whole = tokens / span;
    int first = Math.min(whole, scope.firstToken() / span);
    int count = Math.min(whole, scope.endToken() / span) - first;
    List<ByteBuf> arguments = new ArrayList<>();
    add(arguments, "QUERIES", "" + queries.tokens(), "f32");
    ByteBuf floats = Unpooled.buffer(queries.floats().length * Float.BYTES);
    for (float query : queries.floats()) {
      floats.writeFloatLE(query);
    }
    arguments.add(floats);
    add(arguments, "LAYERS", "" + queries.firstLayer(), "" + queries.layers());
    add(arguments, "CHUNKS", "" + first, "" + Math.max(0, count));
    scope.scale().ifPresent(scale -> add(arguments, "SCALE", "" + scale));
    scope.select().ifPresent(policy -> add(arguments, "SELECT", policy));
    scope.least().ifPresent(least -> add(arguments, "LEAST", "" + least));
    return arguments;
  }

  private static void add(List<ByteBuf> arguments, String... texts) {
    for (String text : texts) {
      arguments.add(Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
    }
  }
}
