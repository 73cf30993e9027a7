package dev.varve.engine;

import dev.varve.store.Checks;
import java.nio.charset.StandardCharsets;

/** One id per byte of UTF-8, without marks of beginning or end. */
public final class ByteTokenizer implements Tokenizer {

  /** The byte values. */
  public static final int VOCABULARY = 256;

  @Override
  public int vocabulary() {
    return VOCABULARY;
  }

  @Override
  public int[] encode(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int[] ids = new int[bytes.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = Byte.toUnsignedInt(bytes[i]);
    }
    return ids;
  }

  @Override
  public boolean endsText(int id) {
    return false;
  }

  @Override
  public byte[] bytes(int previous, int id) {
    return new byte[] {(byte) Checks.inRange(id, 0, 255, "token id")};
  }
}
