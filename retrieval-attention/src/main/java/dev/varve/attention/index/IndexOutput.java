package dev.varve.attention.index;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Little-endian bytes that grow as they are written. */
public final class IndexOutput {
  private ByteBuffer buffer = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);

  /** Writes a whole number. */
  public void integer(int value) {
    room(Integer.BYTES).putInt(value);
  }

  /** Writes a float. */
  public void real(float value) {
    room(Float.BYTES).putFloat(value);
  }

  /** Writes {@code count} whole numbers, without their count. */
  public void integers(int[] values, int count) {
    ByteBuffer target = room(Math.multiplyExact(count, Integer.BYTES));
    for (int i = 0; i < count; i++) {
      target.putInt(values[i]);
    }
  }

  /** Writes whole numbers from 0 to {@code limit - 1}, in two bytes each where that suffices. */
  public void labels(int[] values, int limit) {
    boolean narrow = limit <= 1 << Short.SIZE;
    ByteBuffer target =
        room(Math.multiplyExact(values.length, narrow ? Short.BYTES : Integer.BYTES));
    for (int value : values) {
      if (narrow) {
        target.putShort((short) value);
      } else {
        target.putInt(value);
      }
    }
  }

  /** Writes {@code count} floats, without their count. */
  public void reals(float[] values, int count) {
    ByteBuffer target = room(Math.multiplyExact(count, Float.BYTES));
    for (int i = 0; i < count; i++) {
      target.putFloat(values[i]);
    }
  }

  /** Writes raw bytes, without their count. */
  public void bytes(MemorySegment bytes) {
    int count = Math.toIntExact(bytes.byteSize());
    room(count);
    MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, 0, buffer.array(), buffer.position(), count);
    buffer.position(buffer.position() + count);
  }

  private ByteBuffer room(int bytes) {
    if (buffer.remaining() < bytes) {
      long wanted = Math.max(2L * buffer.capacity(), (long) buffer.position() + bytes);
      int larger = (int) Math.min(wanted, Integer.MAX_VALUE - 8L);
      byte[] grown = Arrays.copyOf(buffer.array(), larger);
      buffer = ByteBuffer.wrap(grown).order(ByteOrder.LITTLE_ENDIAN).position(buffer.position());
    }
    return buffer;
  }

  /** What was written, in a new array. */
  public byte[] toBytes() {
    return Arrays.copyOf(buffer.array(), buffer.position());
  }
}
