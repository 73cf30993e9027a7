package dev.varve.compression.entropy;

import org.jspecify.annotations.Nullable;

/**
 * What coders look up for one {@link Frequencies}. Slots, the 4,096 values that the low bits of a
 * state can take, belong to symbols in their order; where there are at most 32 symbols, as {@link
 * AliasBuckets} say. All but these is made when first asked for. Thread-safe.
 */
final class RansTable {
  static final int BIAS_SHIFT = 8;
  static final int FREQUENCY_SHIFT = 20;

  /** Makes {@code x / frequency} a multiplication for all {@code x < frequency << 19}. */
  static final int RECIPROCAL_BITS = 43;

  /** How slots belong to symbols, where there are few. */
  final @Nullable AliasBuckets buckets;

  private final Frequencies frequencies;
  private volatile int @Nullable [] bySymbol;
  private volatile long @Nullable [] reciprocals;
  private volatile int @Nullable [] slots;
  private volatile int @Nullable [] bySlot;
  private volatile @Nullable BucketCodes bucketCodes;

  RansTable(Frequencies frequencies) {
    this.frequencies = frequencies;
    this.buckets =
        frequencies.present() <= AliasBuckets.COUNT ? new AliasBuckets(frequencies) : null;
  }

  Frequencies frequencies() {
    return frequencies;
  }

  /** Per symbol: first occurrence in the lower 12 bits and frequency - 1 in the upper 12. */
  int[] bySymbol() {
    int[] made = bySymbol;
    if (made == null) {
      made = new int[Frequencies.SYMBOLS];
      int start = 0;
      for (int symbol = 0; symbol < Frequencies.SYMBOLS; symbol++) {
        int frequency = frequencies.of(symbol);
        if (frequency > 0) {
          made[symbol] = ((frequency - 1) << FREQUENCY_SHIFT) | start;
          start += frequency;
        }
      }
      bySymbol = made;
    }
    return made;
  }

  /** Per symbol 2^43 / frequency, rounded up. */
  long[] reciprocals() {
    long[] made = reciprocals;
    if (made == null) {
      made = new long[Frequencies.SYMBOLS];
      for (int symbol = 0; symbol < made.length; symbol++) {
        int frequency = frequencies.of(symbol);
        made[symbol] = frequency == 0 ? 0 : ((1L << RECIPROCAL_BITS) + frequency - 1) / frequency;
      }
      reciprocals = made;
    }
    return made;
  }

  /** The slot of each occurrence, in the order of symbols. */
  int[] slots() {
    int[] made = slots;
    if (made == null) {
      made = buckets == null ? inOrder() : buckets.slots(frequencies);
      slots = made;
    }
    return made;
  }

  /** Per slot: symbol in 8 bits, number of the occurrence in 12, frequency - 1 in 12. */
  int[] bySlot() {
    int[] made = bySlot;
    if (made == null) {
      made = new int[Frequencies.TOTAL];
      int[] places = slots();
      for (int symbol = 0, start = 0; symbol < Frequencies.SYMBOLS; symbol++) {
        int frequency = frequencies.of(symbol);
        for (int i = 0; i < frequency; i++) {
          made[places[start + i]] =
              ((frequency - 1) << FREQUENCY_SHIFT) | (i << BIAS_SHIFT) | symbol;
        }
        start += frequency;
      }
      bySlot = made;
    }
    return made;
  }

  /** What encodes with {@code narrow}, which are {@link #buckets}. */
  BucketCodes bucketCodes(AliasBuckets narrow) {
    BucketCodes made = bucketCodes;
    if (made == null) {
      made = new BucketCodes(this, narrow.first());
      bucketCodes = made;
    }
    return made;
  }

  /** Whether {@link #bySlot} costs nothing any more. */
  boolean hasBySlot() {
    return bySlot != null;
  }

  /** The frequency in an entry of either table. */
  static int frequency(int entry) {
    return (entry >>> FREQUENCY_SHIFT) + 1;
  }

  /** The number of the occurrence in an entry of {@link #bySlot}. */
  static int bias(int entry) {
    return (entry >>> BIAS_SHIFT) & (Frequencies.TOTAL - 1);
  }

  /** The first occurrence in an entry of {@link #bySymbol}. */
  static int start(int entry) {
    return entry & (Frequencies.TOTAL - 1);
  }

  private static int[] inOrder() {
    int[] slots = new int[Frequencies.TOTAL];
    for (int slot = 0; slot < slots.length; slot++) {
      slots[slot] = slot;
    }
    return slots;
  }
}
