package dev.varve.engine;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Decodes ids as they come: a character whose bytes are spread over several ids appears with the
 * last of them, bytes that are no UTF-8 become U+FFFD. For one text and one thread.
 */
public final class TextStream {
  private final Tokenizer tokenizer;
  private final CharsetDecoder utf8 =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPLACE)
          .onUnmappableCharacter(CodingErrorAction.REPLACE);
  private ByteBuffer pending = ByteBuffer.allocate(0);
  private int previous = -1;

  public TextStream(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /** The characters that {@code id} completes; often none. */
  public String accept(int id) {
    String text = decode(tokenizer.bytes(previous, id), false);
    previous = id;
    return text;
  }

  /** What is left at the end of the text. */
  public String finish() {
    return decode(new byte[0], true);
  }

  private String decode(byte[] more, boolean end) {
    ByteBuffer bytes = ByteBuffer.allocate(pending.remaining() + more.length);
    bytes.put(pending).put(more).flip();
    CharBuffer text = CharBuffer.allocate(bytes.remaining() + 1);
    utf8.decode(bytes, text, end);
    pending = bytes;
    return text.flip().toString();
  }
}
