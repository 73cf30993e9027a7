package dev.varve.compression.bitstream;

import dev.varve.compression.entropy.SymbolWriter;
import dev.varve.compression.lossless.ByteTransposition;
import dev.varve.compression.quantize.QuantizeKernel;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.MemorySegment;

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
  private final SymbolWriter writer;
  private final byte[] byRow;
  private final byte[] byChannel;
  private final byte[] low;

  NumberWriter(int tokens, int channels, Backend backend) {
    int most = BitstreamLayout.padded(tokens * channels);
    this.channels = channels;
    this.kernel = QuantizeKernel.of(backend);
    this.writer = new SymbolWriter(backend);
    this.byRow = new byte[most];
    this.byChannel = new byte[most];
    this.low = new byte[most];
  }

  /** How {@code numbers} are best written. */
  BitstreamLayout plan(boolean referenced, int[] numbers, int rows, float step, float unit) {
    int count = rows * channels;
    int largest = 0;
    for (int i = 0; i < count; i++) {
      largest = Math.max(largest, Math.abs(numbers[i]));
    }
    int lowBits = 0;
    int escapes = 0;
    for (int bits : LOW_BITS) {
      lowBits = bits;
      escapes = largest < BitstreamLayout.MOST_LIMIT ? 0 : escapes(numbers, count, bits);
      if (escapes * NUMBERS_PER_ESCAPE <= count) {
        break;
      }
    }
    int limit = 0;
    for (int i = 0; i < count; i++) {
      limit = Math.max(limit, Math.abs(high(numbers[i], lowBits)));
    }
    limit = Math.min(limit, BitstreamLayout.MOST_LIMIT);
    return new BitstreamLayout(referenced, lowBits, limit, rows, step, unit, escapes);
  }

  private static int escapes(int[] numbers, int count, int lowBits) {
    int escapes = 0;
    for (int i = 0; i < count; i++) {
      escapes += Math.abs(high(numbers[i], lowBits)) >= BitstreamLayout.MOST_LIMIT ? 1 : 0;
    }
    return escapes;
  }

  private static int high(int number, int lowBits) {
    return (number + BitstreamLayout.half(lowBits)) >> lowBits;
  }

  /** Writes low bits, escapes and symbols from {@code offset} on; the bytes written. */
  long write(BitstreamLayout layout, int[] numbers, MemorySegment target, long offset) {
    int count = layout.rows() * channels;
    int mask = (1 << layout.lowBits()) - 1;
    int limit = layout.limit();
    long lowBytes = BitstreamLayout.lowBytes(count, layout.lowBits());
    long at = offset + lowBytes;
    for (int i = 0; i < count; i++) {
      int high = high(numbers[i], layout.lowBits());
      low[i] = (byte) ((numbers[i] + layout.half()) & mask);
      byRow[i] = (byte) (Math.min(Math.max(high, -limit), limit) + limit);
      if (Math.abs(high) >= BitstreamLayout.MOST_LIMIT) {
        target.set(BitstreamLayout.INT, at, high);
        at += Integer.BYTES;
      }
    }
    if (lowBytes > 0) {
      for (int i = count; i < BitstreamLayout.padded(count); i++) {
        low[i] = 0;
      }
      kernel.pack(low, BitstreamLayout.padded(count), layout.lowBits(), target, offset);
    }
    ByteTransposition.of(byRow, byChannel, 0, layout.rows(), channels);
    int levels = 2 * limit + 1;
    at += writer.writeShapes(byChannel, count, channels, levels, target.asSlice(at));
    return at - offset;
  }
}
