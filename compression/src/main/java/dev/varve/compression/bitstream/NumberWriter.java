package dev.varve.compression.bitstream;

import dev.varve.compression.entropy.ShapeChoice;
import dev.varve.compression.entropy.SymbolWriter;
import dev.varve.compression.lossless.ByteTransposition;
import dev.varve.compression.quantize.QuantizeKernel;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Writes rows of whole numbers: low bits as they are where numbers are large, the rest as symbols
 * from {@code -limit} to {@code limit} channel by channel, what lies beyond as escapes. Holds
 * scratch memory of one section: for one thread at a time.
 */
final class NumberWriter {
  private static final int[] LOW_BITS = {0, 1, 2, BitstreamLayout.MOST_LOW_BITS};

  /** More escapes than one number in so many are worth another low bit. */
  private static final int NUMBERS_PER_ESCAPE = 512;

  private final int channels;
  private final QuantizeKernel kernel;
  private final RowKernel rowKernel;
  private final NumberKernel numberKernel;
  private final SymbolWriter writer;
  private final ShapeChoice choice;
  private final byte[] byRow;
  private final byte[] byChannel;
  private final byte[] low;
  private final int[] numbers;
  private final int[] escaped;
  private final int[] range = new int[2];
  private BitstreamLayout layout = new BitstreamLayout(false, 0, 0, 0, 1, 0, 0);

  NumberWriter(int tokens, int channels, Backend backend) {
    int most = BitstreamLayout.padded(tokens * channels);
    this.channels = channels;
    this.kernel = QuantizeKernel.of(backend);
    this.writer = new SymbolWriter(backend);
    this.rowKernel = RowKernel.of(backend);
    this.numberKernel = NumberKernel.of(backend);
    this.numbers = new int[tokens * channels];
    this.escaped = new int[BitstreamLayout.mostEscapes(most)];
    this.choice = new ShapeChoice(backend);
    this.byRow = new byte[ShapeChoice.room(most)];
    this.byChannel = new byte[most];
    this.low = new byte[most];
  }

  /**
   * Makes symbols of the first {@code rows} rows of {@link #numbers}, as they are best written.
   *
   * @return about how many bytes {@link #write} will write; infinite if there are too many escapes,
   *     which a spread in proportion to the step rules out
   */
  double plan(boolean referenced, int rows, float step, float unit) {
    int count = rows * channels;
    layout = layout(referenced, rows, step, unit);
    if (layout.escapes() > escaped.length) {
      return Double.POSITIVE_INFINITY;
    }
    numberKernel.split(numbers, count, layout.half(), layout.lowBits(), layout.limit(), byRow, low);
    double bytes = BitstreamLayout.lowBytes(count, layout.lowBits());
    bytes += (double) Integer.BYTES * layout.escapes();
    if (rows > 0) {
      choice.choose(byRow, rows, channels, 2 * layout.limit() + 1);
      bytes += choice.bytes();
    }
    return bytes;
  }

  private BitstreamLayout layout(boolean referenced, int rows, float step, float unit) {
    int count = rows * channels;
    numberKernel.range(numbers, count, range);
    int lowBits = 0;
    int escapes = 0;
    for (int bits : LOW_BITS) {
      lowBits = bits;
      escapes = largest(bits) < BitstreamLayout.MOST_LIMIT ? 0 : escapes(count, bits);
      if (escapes * NUMBERS_PER_ESCAPE <= count) {
        break;
      }
    }
    int limit = Math.min(largest(lowBits), BitstreamLayout.MOST_LIMIT);
    return new BitstreamLayout(referenced, lowBits, limit, rows, step, unit, escapes);
  }

  /** The largest magnitude of what is left without {@code lowBits}. */
  private int largest(int lowBits) {
    return Math.max(-high(range[0], lowBits), high(range[1], lowBits));
  }

  private int escapes(int count, int lowBits) {
    int half = BitstreamLayout.half(lowBits);
    return numberKernel.beyond(numbers, count, half, lowBits, BitstreamLayout.MOST_LIMIT);
  }

  private static int high(int number, int lowBits) {
    return (number + BitstreamLayout.half(lowBits)) >> lowBits;
  }

  /** What is to be written, {@code [rows][channels]}; not a copy. */
  int[] numbers() {
    return numbers;
  }

  /** How the numbers of {@link #plan} are written. */
  BitstreamLayout layout() {
    return layout;
  }

  /** Writes low bits, escapes and symbols from {@code offset} on; the bytes written. */
  long write(MemorySegment target, long offset) {
    int count = layout.rows() * channels;
    long lowBytes = BitstreamLayout.lowBytes(count, layout.lowBits());
    if (lowBytes > 0) {
      Arrays.fill(low, count, BitstreamLayout.padded(count), (byte) 0);
      kernel.pack(low, BitstreamLayout.padded(count), layout.lowBits(), target, offset);
    }
    long at = offset + lowBytes;
    if (layout.escapes() > 0) {
      rowKernel.ends(byRow, count, 2 * layout.limit(), escaped);
      for (int i = 0; i < layout.escapes(); i++) {
        int high = high(numbers[escaped[i]], layout.lowBits());
        target.set(BitstreamLayout.INT, at, high);
        at += Integer.BYTES;
      }
    }
    ByteTransposition.of(byRow, byChannel, 0, layout.rows(), channels);
    at +=
        layout.rows() == 0
            ? writer.write(byChannel, 0, channels, target.asSlice(at))
            : writer.writeShapes(byChannel, choice, target.asSlice(at));
    return at - offset;
  }
}
