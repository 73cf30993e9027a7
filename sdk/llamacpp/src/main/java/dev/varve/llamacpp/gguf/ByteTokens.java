package dev.varve.llamacpp.gguf;

import java.util.ArrayList;
import java.util.List;

/**
 * Names of the 256 byte values in vocabularies of the GPT-2 kind: bytes that print stand for
 * themselves, the others for the characters from U+0100 on, in order.
 */
public final class ByteTokens {

  private static final int BYTES = 256;

  private ByteTokens() {}

  /** The names, by byte value. */
  public static List<String> names() {
    List<String> names = new ArrayList<>();
    int next = BYTES;
    for (int value = 0; value < BYTES; value++) {
      boolean prints =
          (value >= '!' && value <= '~') || (value >= 0xA1 && value <= 0xFF && value != 0xAD);
      names.add(Character.toString(prints ? value : next++));
    }
    return names;
  }
}
