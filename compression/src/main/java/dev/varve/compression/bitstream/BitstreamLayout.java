package dev.varve.compression.bitstream;

import dev.varve.compression.SectionShape;
import dev.varve.compression.entropy.SymbolWriter;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * The front of a section and the sizes of its parts; {@code docs/formats/encodings.md} is the
 * specification.
 *
 * @param referenced whether rows name earlier rows
 * @param lowBits bits of each number that are stored as they are: 0, 1, 2 or 4
 * @param limit largest magnitude of a symbol; {@link #MOST_LIMIT} stands for anything beyond
 * @param rows rows in the symbols
 * @param step difference between neighbouring numbers
 * @param unit of the means
 * @param escapes numbers that are no symbols
 */
record BitstreamLayout(
    boolean referenced, int lowBits, int limit, int rows, float step, float unit, int escapes) {
  /** Largest magnitude of a symbol: 31 symbols are decoded without access to memory. */
  static final int MOST_LIMIT = 15;

  /** Most bits that are stored as they are. */
  static final int MOST_LOW_BITS = 4;

  /** Farthest row that a row may name. */
  static final int FARTHEST = 255;

  static final int HEADER_LENGTH = 20;
  static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

  /** At most one number in so many is an escape. */
  private static final int NUMBERS_PER_ESCAPE = 48;

  /** Bytes that suffice for {@code tokens} tokens. */
  static long maxBytes(SectionShape shape, int tokens) {
    if (tokens == 0) {
      return 0;
    }
    int numbers = shape.values(tokens);
    return HEADER_LENGTH
        + shape.channels()
        + referenceBytes(tokens)
        + lowBytes(numbers, MOST_LOW_BITS)
        + (long) Integer.BYTES * mostEscapes(numbers)
        + SymbolWriter.maxBytes(numbers);
  }

  /** A distance for each token, and its weight in two bits. */
  static int referenceBytes(int tokens) {
    return tokens + (tokens + 3) / 4;
  }

  /** Most escapes among so many numbers. */
  static int mostEscapes(int numbers) {
    return numbers / NUMBERS_PER_ESCAPE + 1;
  }

  /** Numbers whose low bits fill whole bytes. */
  static int padded(int numbers) {
    return (numbers + Byte.SIZE - 1) / Byte.SIZE * Byte.SIZE;
  }

  /** Bytes of the low bits of so many numbers. */
  static int lowBytes(int numbers, int lowBits) {
    return padded(numbers) / Byte.SIZE * lowBits;
  }

  /** What is added to a number before its low bits are cut off. */
  int half() {
    return half(lowBits);
  }

  static int half(int lowBits) {
    return lowBits == 0 ? 0 : 1 << (lowBits - 1);
  }

  void write(MemorySegment target) {
    target.set(BYTE, 0, (byte) (referenced ? 1 : 0));
    target.set(BYTE, 1, (byte) lowBits);
    target.set(BYTE, 2, (byte) limit);
    target.set(BYTE, 3, (byte) 0);
    target.set(INT, 4, rows);
    target.set(FLOAT, 8, step);
    target.set(FLOAT, 12, unit);
    target.set(INT, 16, escapes);
  }

  /** Reads what {@link #write} wrote; empty if it is nothing that can describe {@code tokens}. */
  static Optional<BitstreamLayout> read(MemorySegment source, int tokens) {
    if (source.byteSize() < HEADER_LENGTH) {
      return Optional.empty();
    }
    int flags = source.get(BYTE, 0);
    BitstreamLayout layout =
        new BitstreamLayout(
            flags == 1,
            source.get(BYTE, 1),
            source.get(BYTE, 2),
            source.get(INT, 4),
            source.get(FLOAT, 8),
            source.get(FLOAT, 12),
            source.get(INT, 16));
    boolean sound =
        (flags == 0 || flags == 1) && source.get(BYTE, 3) == 0 && layout.isSound(tokens);
    return sound ? Optional.of(layout) : Optional.empty();
  }

  private boolean isSound(int tokens) {
    boolean bits = lowBits == 0 || lowBits == 1 || lowBits == 2 || lowBits == MOST_LOW_BITS;
    return bits
        && limit >= 0
        && limit <= MOST_LIMIT
        && (escapes == 0 || limit == MOST_LIMIT)
        && rows >= 0
        && (referenced ? rows <= tokens : rows == tokens)
        && Float.isFinite(step)
        && Float.isFinite(unit)
        && escapes >= 0;
  }
}
