package dev.varve.sidecar.resp;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Arguments read as text, a character a byte, so that no byte is lost or refused. */
public final class Text {

  private Text() {}

  /** The bytes as characters. */
  public static String of(Argument argument) {
    return of(argument.toBytes());
  }

  /** The bytes as characters. */
  public static String of(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  /** The characters as bytes. */
  public static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** The bytes as a word in lower case; what is longer than any word is the empty text. */
  public static String word(Argument argument) {
    return argument.length() > 64 ? "" : of(argument).toLowerCase(Locale.ROOT);
  }
}
