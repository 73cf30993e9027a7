package dev.varve.client.internal;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes requests into memory that is used again. For one thread at a time. */
final class LocalRequest {

  private MemorySegment buffer = Arena.ofAuto().allocate(1 << 12);
  private long length;

  /** The bytes of a request, until the next one is written. */
  MemorySegment of(List<byte[]> words) {
    length = 0;
    head('*', words.size());
    for (byte[] word : words) {
      head('$', word.length);
      add(word);
      add(END);
    }
    return buffer.asSlice(0, length);
  }

  private static final byte[] END = {'\r', '\n'};

  private void head(char type, int number) {
    add((type + Integer.toString(number) + "\r\n").getBytes(StandardCharsets.US_ASCII));
  }

  private void add(byte[] bytes) {
    if (length + bytes.length > buffer.byteSize()) {
      MemorySegment larger =
          Arena.ofAuto().allocate(Math.max(2 * buffer.byteSize(), length + bytes.length));
      MemorySegment.copy(buffer, 0, larger, 0, length);
      buffer = larger;
    }
    MemorySegment.copy(bytes, 0, buffer, ValueLayout.JAVA_BYTE, length, bytes.length);
    length += bytes.length;
  }
}
