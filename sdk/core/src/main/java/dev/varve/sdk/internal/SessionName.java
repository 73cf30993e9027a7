package dev.varve.sdk.internal;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Names of saved sessions as file names: letters, digits, {@code -} and {@code _} of ASCII stay,
 * every other byte of the UTF-8 form becomes {@code %} and two hexadecimal digits. So no name holds
 * a separator or a dot, and no two names share a file.
 */
final class SessionName {

  /** Longest file name without its ending. */
  static final int MOST = 200;

  private SessionName() {}

  static String encode(String name) {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("the name of a session is empty: give it one");
    }
    StringBuilder file = new StringBuilder();
    for (byte b : utf8(name)) {
      if (plain(b)) {
        file.append((char) b);
      } else {
        file.append('%').append(HexFormat.of().toHexDigits(b));
      }
    }
    if (file.length() > MOST) {
      throw new IllegalArgumentException(
          "the name of a session takes "
              + file.length()
              + " characters as a file, the limit is "
              + MOST
              + ": use a shorter one");
    }
    return file.toString();
  }

  private static byte[] utf8(String name) {
    try {
      ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(name));
      byte[] array = new byte[bytes.remaining()];
      bytes.get(array);
      return array;
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          "the name of a session is no Unicode text: it holds half of a surrogate pair", e);
    }
  }

  /** The name that {@link #encode} turned into {@code file}; empty if it never would. */
  static Optional<String> decode(String file) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < file.length(); i++) {
      if (file.charAt(i) != '%') {
        bytes.write(file.charAt(i));
      } else if (i + 2 < file.length()
          && HexFormat.isHexDigit(file.charAt(i + 1))
          && HexFormat.isHexDigit(file.charAt(i + 2))) {
        bytes.write(HexFormat.fromHexDigits(file, i + 1, i + 3));
        i += 2;
      } else {
        return Optional.empty();
      }
    }
    String name = bytes.toString(StandardCharsets.UTF_8);
    boolean ours = !name.isEmpty() && file.length() <= MOST && encode(name).equals(file);
    return ours ? Optional.of(name) : Optional.empty();
  }

  private static boolean plain(byte b) {
    return (b >= 'a' && b <= 'z')
        || (b >= 'A' && b <= 'Z')
        || (b >= '0' && b <= '9')
        || b == '-'
        || b == '_';
  }
}
