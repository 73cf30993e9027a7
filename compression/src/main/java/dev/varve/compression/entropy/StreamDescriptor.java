package dev.varve.compression.entropy;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Layout of a stream of symbols, little-endian; {@code docs/formats/entropy.md} is its
 * specification.
 *
 * <pre>
 *   0      1              2                  4            8        12
 *   +------+--------------+------------------+------------+--------+----------------------------+
 *   | mode | log2(states) | tables or levels | symbols    | runs   | by mode                    |
 *   +------+--------------+------------------+------------+--------+----------------------------+
 *    0 raw                                                            the symbols
 *    1 constant                                                       the symbol
 *    2 tables                                                         tables, choice, rANS
 *    3 shapes                                                         choice, rANS
 * </pre>
 */
final class StreamDescriptor {
  /** Bytes before the content. */
  static final int HEADER_LENGTH = 12;

  static final int MODE_OFFSET = 0;
  static final int STATES_OFFSET = 1;
  static final int TABLES_OFFSET = 2;
  static final int SYMBOLS_OFFSET = 4;
  static final int RUNS_OFFSET = 8;

  static final int RAW = 0;
  static final int CONSTANT = 1;
  static final int TABLES = 2;
  static final int SHAPES = 3;

  static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
  static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private StreamDescriptor() {}
}
