package dev.varve.attention.index;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads what an {@link IndexOutput} wrote. Any bytes end in values inside the stated limits or in a
 * {@link DamagedIndexException}; nothing is allocated for a length that the bytes do not have.
 */
public final class IndexInput {
  private final ByteBuffer buffer;

  /** Reads {@code bytes} from the front. */
  public IndexInput(byte[] bytes) {
    this.buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** A whole number in {@code [from, to]}. */
  public int integer(int from, int to, String name) {
    int value = need(Integer.BYTES, name).getInt();
    if (value < from || value > to) {
      throw new DamagedIndexException(
          "the index is damaged: %s is %d, possible are %d to %d".formatted(name, value, from, to));
    }
    return value;
  }

  /** A finite float. */
  public float real(String name) {
    float value = need(Float.BYTES, name).getFloat();
    if (!Float.isFinite(value)) {
      throw new DamagedIndexException("the index is damaged: " + name + " is " + value);
    }
    return value;
  }

  /** {@code count} whole numbers in {@code [from, to]}. */
  public int[] integers(int count, int from, int to, String name) {
    need((long) count * Integer.BYTES, name);
    int[] values = new int[count];
    for (int i = 0; i < count; i++) {
      values[i] = integer(from, to, name);
    }
    return values;
  }

  /** What {@link IndexOutput#labels} wrote with the same limit. */
  public int[] labels(int count, int limit, String name) {
    boolean narrow = limit <= 1 << Short.SIZE;
    need((long) count * (narrow ? Short.BYTES : Integer.BYTES), name);
    int[] values = new int[count];
    for (int i = 0; i < count; i++) {
      values[i] = narrow ? Short.toUnsignedInt(buffer.getShort()) : buffer.getInt();
      if (values[i] < 0 || values[i] >= limit) {
        throw new DamagedIndexException(
            "the index is damaged: %s is %d, the limit %d".formatted(name, values[i], limit));
      }
    }
    return values;
  }

  /** {@code count} finite floats. */
  public float[] reals(int count, String name) {
    need((long) count * Float.BYTES, name);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = real(name);
    }
    return values;
  }

  /** Fills {@code target}. */
  public void bytes(MemorySegment target, String name) {
    need(target.byteSize(), name);
    int count = (int) target.byteSize();
    MemorySegment.copy(buffer.array(), buffer.position(), target, ValueLayout.JAVA_BYTE, 0, count);
    buffer.position(buffer.position() + count);
  }

  /** Says that {@code bytes} more are wanted, before room is made for them. */
  public ByteBuffer need(long bytes, String name) {
    if (bytes < 0 || bytes > buffer.remaining()) {
      throw new DamagedIndexException(
          "the index is cut off: %s needs %d bytes, there are %d"
              .formatted(name, bytes, buffer.remaining()));
    }
    return buffer;
  }

  /** Ends the reading; bytes that are left are damage. */
  public void finish() {
    if (buffer.hasRemaining()) {
      throw new DamagedIndexException(
          "the index is damaged: %d bytes follow its end".formatted(buffer.remaining()));
    }
  }
}
