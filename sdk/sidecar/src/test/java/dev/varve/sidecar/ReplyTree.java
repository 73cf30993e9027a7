package dev.varve.sidecar;

import dev.varve.sidecar.resp.Text;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * A RESP2 reply taken apart: whole numbers, texts and lists; a map is a list of names and values.
 */
final class ReplyTree {

  private final String text;
  private int at;

  private ReplyTree(String text) {
    this.text = text;
  }

  /** The reply; an error is its line. */
  static Object of(String reply) {
    ReplyTree tree = new ReplyTree(reply);
    Object value = tree.next();
    if (tree.at != reply.length()) {
      throw new IllegalArgumentException("bytes behind the reply, at " + tree.at);
    }
    return value;
  }

  private Object next() {
    int end = text.indexOf("\r\n", at);
    char type = text.charAt(at);
    String line = text.substring(at + 1, end);
    at = end + 2;
    return switch (type) {
      case ':' -> Long.parseLong(line);
      case '$' -> bulk(Integer.parseInt(line));
      case '*' -> {
        List<Object> items = new ArrayList<>();
        for (int i = Integer.parseInt(line); i > 0; i--) {
          items.add(next());
        }
        yield items;
      }
      default -> line;
    };
  }

  private Object bulk(int length) {
    if (length < 0) {
      return "nil";
    }
    String value = text.substring(at, at + length);
    at += length + 2;
    return value;
  }

  /** The value of a name in a map. */
  static Object get(Object map, String name) {
    List<?> list = (List<?>) map;
    return list.get(list.indexOf(name) + 1);
  }

  /** An element of a list. */
  static Object item(Object list, int index) {
    return ((List<?>) list).get(index);
  }

  /** A text of little-endian floats. */
  static float[] floats(Object text) {
    ByteBuffer bytes = bytes(text);
    float[] floats = new float[bytes.remaining() / 4];
    bytes.asFloatBuffer().get(floats);
    return floats;
  }

  /** A text of little-endian whole numbers. */
  static int[] ints(Object text) {
    ByteBuffer bytes = bytes(text);
    int[] ints = new int[bytes.remaining() / 4];
    bytes.asIntBuffer().get(ints);
    return ints;
  }

  private static ByteBuffer bytes(Object text) {
    return ByteBuffer.wrap(Text.bytes((String) text)).order(ByteOrder.LITTLE_ENDIAN);
  }
}
