package dev.varve.compression.entropy;

import static dev.varve.compression.entropy.StreamDescriptor.BYTE;
import static dev.varve.compression.entropy.StreamDescriptor.INT;
import static dev.varve.compression.entropy.StreamDescriptor.SHORT;

import java.lang.foreign.MemorySegment;

/**
 * The front of a stream; see {@link StreamDescriptor}.
 *
 * @param states logarithm of the number of states, as stored
 * @param tables stored tables, or levels of the shapes
 */
record StreamHeader(int mode, int states, int tables, int symbols, int runs) {

  /** Reads the first {@link StreamDescriptor#HEADER_LENGTH} bytes; any values. */
  static StreamHeader read(MemorySegment source) {
    return new StreamHeader(
        Byte.toUnsignedInt(source.get(BYTE, StreamDescriptor.MODE_OFFSET)),
        Byte.toUnsignedInt(source.get(BYTE, StreamDescriptor.STATES_OFFSET)),
        Short.toUnsignedInt(source.get(SHORT, StreamDescriptor.TABLES_OFFSET)),
        source.get(INT, StreamDescriptor.SYMBOLS_OFFSET),
        source.get(INT, StreamDescriptor.RUNS_OFFSET));
  }

  void write(MemorySegment target) {
    target.set(BYTE, StreamDescriptor.MODE_OFFSET, (byte) mode);
    target.set(BYTE, StreamDescriptor.STATES_OFFSET, (byte) states);
    target.set(SHORT, StreamDescriptor.TABLES_OFFSET, (short) tables);
    target.set(INT, StreamDescriptor.SYMBOLS_OFFSET, symbols);
    target.set(INT, StreamDescriptor.RUNS_OFFSET, runs);
  }
}
