package dev.varve.compression.entropy;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * 64 states in the lanes of four vectors of 512 bits; other numbers of states go to another kernel.
 */
final class VectorRansKernel implements RansKernel {
  static final int STATES = 64;
  private static final int LANE_BITS = 512;
  private static final VectorSpecies<Short> WORDS = ShortVector.SPECIES_512;
  private static final VectorShuffle<Short> LAST_FIRST =
      VectorShuffle.fromOp(WORDS, lane -> WORDS.length() - 1 - lane);

  private final RansKernel others;

  VectorRansKernel(RansKernel others) {
    this.others = others;
  }

  /** Whether this machine has such vectors; on others the kernel is right but slow. */
  static boolean isFast() {
    return IntVector.SPECIES_PREFERRED.vectorBitSize() >= LANE_BITS;
  }

  @Override
  public void decode(RansInput input, RansTable table, byte[] target, int from, int rounds) {
    if (input.stateCount != STATES) {
      others.decode(input, table, target, from, rounds);
    } else if (table.buckets != null) {
      VectorBucketDecoder.decode(input, table.buckets, target, from, rounds);
    } else {
      VectorSlotDecoder.decode(input, table.bySlot(), target, from, rounds);
    }
  }

  @Override
  public void decodeRest(RansInput input, RansTable table, byte[] target, int from, int symbols) {
    others.decodeRest(input, table, target, from, symbols);
  }

  @Override
  public void encode(RansOutput output, RansTable table, byte[] source, int from, int rounds) {
    if (output.stateCount == STATES) {
      AliasBuckets buckets = table.buckets;
      if (buckets != null && buckets.narrow()) {
        VectorBucketEncoder.encode(output, table, buckets, source, from, rounds);
      } else {
        VectorRansEncoder.encode(output, table, source, from, rounds);
      }
    } else {
      others.encode(output, table, source, from, rounds);
    }
  }

  @Override
  public void reverse(short[] words, int count, short[] reversed) {
    int i = 0;
    for (; i <= count - WORDS.length(); i += WORDS.length()) {
      ShortVector.fromArray(WORDS, words, i)
          .rearrange(LAST_FIRST)
          .intoArray(reversed, count - WORDS.length() - i);
    }
    for (; i < count; i++) {
      reversed[count - 1 - i] = words[i];
    }
  }
}
