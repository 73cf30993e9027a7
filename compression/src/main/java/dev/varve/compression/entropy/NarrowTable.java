package dev.varve.compression.entropy;

/**
 * What an encoder needs of 32 neighbouring symbols, in the form in which it loads it into vectors.
 *
 * @param frequencies per symbol its frequency, 0 if it does not occur
 * @param starts per symbol its first occurrence
 * @param reciprocals per symbol the bits of the float {@code 1 / frequency}
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record NarrowTable(short[] frequencies, short[] starts, int[] reciprocals) {

  /** The symbols from {@code first} on. */
  static NarrowTable of(RansTable table, int first) {
    NarrowTable made =
        new NarrowTable(
            new short[AliasBuckets.COUNT],
            new short[AliasBuckets.COUNT],
            new int[AliasBuckets.COUNT]);
    for (int i = 0; i < AliasBuckets.COUNT && first + i < Frequencies.SYMBOLS; i++) {
      int frequency = table.frequencies().of(first + i);
      if (frequency > 0) {
        made.frequencies[i] = (short) frequency;
        made.starts[i] = (short) RansTable.start(table.bySymbol()[first + i]);
        made.reciprocals[i] = Float.floatToRawIntBits(1f / frequency);
      }
    }
    return made;
  }
}
