package dev.varve.store.alias;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Writes deterministic CBOR (RFC 8949, section 4.2.1): definite lengths only, every number in its
 * shortest form. It knows just the items that block hashes are made of. Not thread-safe.
 */
final class Cbor {

  private static final int UNSIGNED = 0;
  private static final int NEGATIVE = 1;
  private static final int BYTES = 2;
  private static final int TEXT = 3;
  private static final int ARRAY = 4;
  private static final int NULL = 0xf6;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** Writes an integer; a negative one as {@code -1 - value}. */
  Cbor integer(long value) {
    return value >= 0 ? head(UNSIGNED, value) : head(NEGATIVE, ~value);
  }

  /** Writes a byte string. */
  Cbor bytes(byte[] value) {
    head(BYTES, value.length);
    out.writeBytes(value);
    return this;
  }

  /** Writes a text string, which must be well-formed Unicode. */
  Cbor text(String value) {
    try {
      ByteBuffer utf8 = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(value));
      head(TEXT, utf8.remaining());
      out.write(utf8.array(), utf8.arrayOffset(), utf8.remaining());
      return this;
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          "the text of "
              + value.length()
              + " characters holds half a surrogate pair and has no UTF-8 form: give whole"
              + " characters",
          e);
    }
  }

  /** Opens an array: the next {@code items} items are its content. */
  Cbor array(int items) {
    return head(ARRAY, items);
  }

  /** Writes null. */
  Cbor nothing() {
    out.write(NULL);
    return this;
  }

  /** What was written so far, in a new array. */
  byte[] toBytes() {
    return out.toByteArray();
  }

  private Cbor head(int major, long argument) {
    int type = major << 5;
    if (argument < 24) {
      out.write(type | (int) argument);
    } else if (argument < 1L << 8) {
      number(type | 24, argument, 1);
    } else if (argument < 1L << 16) {
      number(type | 25, argument, 2);
    } else if (argument < 1L << 32) {
      number(type | 26, argument, 4);
    } else {
      number(type | 27, argument, 8);
    }
    return this;
  }

  private void number(int initial, long argument, int bytes) {
    out.write(initial);
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
      out.write((int) (argument >>> shift));
    }
  }
}
