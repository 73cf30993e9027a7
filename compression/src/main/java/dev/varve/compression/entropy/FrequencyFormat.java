package dev.varve.compression.entropy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/**
 * Frequencies as bytes: first symbol, last symbol, then for each symbol from the first to the last
 * but one its frequency, in one byte below 128 and else in two with the top bit of the first set.
 * Behind a frequency of 0 one byte tells how many more zeros follow. The last symbol's frequency is
 * what is missing from 4,096.
 */
final class FrequencyFormat {
  /** Most bytes of a table. */
  static final int MAX_BYTES = 2 + 2 * Frequencies.SYMBOLS;

  private static final int TWO_BYTES = 0x80;

  private FrequencyFormat() {}

  /** A table and the bytes it took. */
  record Read(Frequencies frequencies, int bytes) {}

  /** Writes to the front of {@code target} and returns the length. */
  static int write(Frequencies frequencies, byte[] target, int from) {
    int first = 0;
    while (frequencies.of(first) == 0) {
      first++;
    }
    int last = Frequencies.SYMBOLS - 1;
    while (frequencies.of(last) == 0) {
      last--;
    }
    int at = from;
    target[at++] = (byte) first;
    target[at++] = (byte) last;
    for (int symbol = first; symbol < last; symbol++) {
      int frequency = frequencies.of(symbol);
      if (frequency >= TWO_BYTES) {
        target[at++] = (byte) (TWO_BYTES | (frequency >>> Byte.SIZE));
      }
      target[at++] = (byte) frequency;
      if (frequency == 0) {
        int more = 0;
        while (frequencies.of(symbol + 1) == 0) {
          more++;
          symbol++;
        }
        target[at++] = (byte) more;
      }
    }
    return at - from;
  }

  /** Reads a table that begins at {@code from}; empty if there is none. */
  static Optional<Read> read(MemorySegment source, long from) {
    long size = source.byteSize();
    if (size - from < 2) {
      return Optional.empty();
    }
    long at = from;
    int first = unsigned(source, at++);
    int last = unsigned(source, at++);
    int[] values = new int[Frequencies.SYMBOLS];
    int sum = 0;
    for (int symbol = first; symbol < last; symbol++) {
      if (at + 2 > size) {
        return Optional.empty();
      }
      int frequency = unsigned(source, at++);
      if (frequency >= TWO_BYTES) {
        frequency = ((frequency & (TWO_BYTES - 1)) << Byte.SIZE) | unsigned(source, at++);
        if (frequency < TWO_BYTES) {
          return Optional.empty();
        }
      }
      if (frequency == 0) {
        symbol += unsigned(source, at++);
        if (symbol >= last) {
          return Optional.empty();
        }
      } else {
        values[symbol] = frequency;
        sum += frequency;
      }
    }
    if (first > last || sum >= Frequencies.TOTAL) {
      return Optional.empty();
    }
    values[last] = Frequencies.TOTAL - sum;
    return Optional.of(new Read(Frequencies.exactly(values), (int) (at - from)));
  }

  private static int unsigned(MemorySegment source, long at) {
    return Byte.toUnsignedInt(source.get(ValueLayout.JAVA_BYTE, at));
  }
}
