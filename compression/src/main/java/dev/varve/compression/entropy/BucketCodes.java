package dev.varve.compression.entropy;

/**
 * What {@link VectorBucketEncoder} looks up for the 32 symbols from the first on that a table can
 * write. Immutable.
 */
final class BucketCodes {
  /** Frequencies, then first occurrences; 0 where a symbol cannot be written. */
  final short[] tables = new short[2 * AliasBuckets.COUNT];

  /** Bits of the reciprocals of the frequencies in single precision. */
  final int[] reciprocals = new int[AliasBuckets.COUNT];

  BucketCodes(RansTable table, int first) {
    for (int i = 0; i < AliasBuckets.COUNT; i++) {
      int frequency = first + i < Frequencies.SYMBOLS ? table.frequencies().of(first + i) : 0;
      if (frequency > 0) {
        tables[i] = (short) frequency;
        tables[AliasBuckets.COUNT + i] = (short) RansTable.start(table.bySymbol()[first + i]);
      }
      reciprocals[i] = Float.floatToRawIntBits(1f / frequency);
    }
  }
}
