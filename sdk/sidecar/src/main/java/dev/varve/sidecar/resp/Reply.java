package dev.varve.sidecar.resp;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the server answers. What RESP2 has no type for is written there as Redis writes it: a map as
 * an array of keys and values, a verbatim text as a bulk string.
 */
public sealed interface Reply {

  /** {@code +OK}. */
  Reply OK = new Simple("OK");

  /** No value. */
  Reply NIL = new Nil();

  /** A short text without line ends. */
  record Simple(String text) implements Reply {}

  /**
   * An error.
   *
   * @param text begins with a code in capitals, as {@code ERR}; line ends become blanks
   */
  record Failure(String text) implements Reply {
    public Failure {
      text = text.replace('\r', ' ').replace('\n', ' ');
    }
  }

  /** A whole number. */
  record Whole(long value) implements Reply {}

  /** Some bytes in the heap, which are not copied. */
  final class Bulk implements Reply {

    private final byte[] bytes;

    public Bulk(byte[] bytes) {
      this.bytes = bytes;
    }

    byte[] bytes() {
      return bytes;
    }

    /** Number of bytes. */
    public int length() {
      return bytes.length;
    }
  }

  /** No value. */
  record Nil() implements Reply {}

  /** Several replies in order. */
  record Many(List<Reply> items) implements Reply {
    public Many {
      items = List.copyOf(items);
    }
  }

  /** Pairs of names and values, in order. */
  record Pairs(List<Map.Entry<String, Reply>> entries) implements Reply {
    public Pairs {
      entries = List.copyOf(entries);
    }
  }

  /** Text for people. */
  record Verbatim(String text) implements Reply {}

  /** A value from the store, read piece by piece while it is written; closed by who writes it. */
  record Stored(StoredBytes value) implements Reply {}

  /** A reply that is made when its turn comes. */
  record Deferred(DeferredReply source) implements Reply {}

  /** A bulk string of a byte a character. */
  static Reply bulk(String text) {
    return new Bulk(Text.bytes(text));
  }

  /** A whole number. */
  static Reply whole(long value) {
    return new Whole(value);
  }

  /** An error of code {@code ERR}. */
  static Reply error(String sentence) {
    return new Failure("ERR " + sentence);
  }

  /** An array. */
  static Reply many(Reply... items) {
    return new Many(List.of(items));
  }

  /** An array of bulk strings. */
  static Reply texts(List<String> texts) {
    return new Many(texts.stream().map(Reply::bulk).toList());
  }

  /** The value, or no value. */
  static Reply stored(Optional<StoredBytes> value) {
    return value.<Reply>map(Stored::new).orElse(NIL);
  }
}
