package dev.varve.compression.container;

import static dev.varve.compression.container.FaultException.corrupt;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Reads foreign bytes from front to back; what is not there is a fault. */
final class ByteCursor {
  private final MemorySegment source;
  private final String what;
  private long at;

  /**
   * A cursor at the front.
   *
   * @param what names the bytes in faults
   */
  ByteCursor(MemorySegment source, String what) {
    this.source = source;
    this.what = what;
  }

  int nextByte() throws FaultException {
    return Byte.toUnsignedInt(source.get(Layouts.BYTE, take(Byte.BYTES)));
  }

  int nextShort() throws FaultException {
    return Short.toUnsignedInt(source.get(Layouts.SHORT, take(Short.BYTES)));
  }

  int nextInt() throws FaultException {
    return source.get(Layouts.INT, take(Integer.BYTES));
  }

  long nextLong() throws FaultException {
    return source.get(Layouts.LONG, take(Long.BYTES));
  }

  /** A text of so many bytes, at most {@code limit}. */
  String nextText(long bytes, int limit) throws FaultException {
    if (bytes < 0 || bytes > limit) {
      throw corrupt("%s: a text of %d bytes, the limit is %d".formatted(what, bytes, limit));
    }
    byte[] text = source.asSlice(take(bytes), bytes).toArray(ValueLayout.JAVA_BYTE);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text)).toString();
    } catch (CharacterCodingException e) {
      throw corrupt("%s: a text at byte %d is no UTF-8".formatted(what, at - bytes));
    }
  }

  long left() {
    return source.byteSize() - at;
  }

  /** All is read. */
  void end() throws FaultException {
    if (left() != 0) {
      throw corrupt("%s: %d bytes are left over".formatted(what, left()));
    }
  }

  private long take(long bytes) throws FaultException {
    if (bytes > left()) {
      throw corrupt("%s: %d bytes are missing at byte %d".formatted(what, bytes - left(), at));
    }
    long from = at;
    at += bytes;
    return from;
  }
}
