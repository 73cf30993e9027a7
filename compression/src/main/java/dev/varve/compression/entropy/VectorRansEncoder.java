package dev.varve.compression.entropy;

import static jdk.incubator.vector.VectorOperators.F2I;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.I2S;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_B2S;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** Encodes 64 symbols at a time. */
final class VectorRansEncoder {
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_512;
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_512;
  private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_512;
  private static final VectorSpecies<Short> SHORTS_16 = ShortVector.SPECIES_256;
  private static final VectorSpecies<Byte> BYTES_32 = ByteVector.SPECIES_256;
  private static final VectorShuffle<Short> REVERSE =
      VectorShuffle.fromOp(SHORTS, lane -> SHORTS.length() - 1 - lane);
  private static final int WORD_BITS = ScalarRansKernel.WORD_BITS;
  private static final int FULL_BITS = ScalarRansKernel.FULL_BITS;

  /**
   * A quotient is below 2^19 and comes out wrong by less than 1/16 in floats; less this it is right
   * or one too small.
   */
  private static final float MARGIN = 0.125f;

  private VectorRansEncoder() {}

  // One method, since a vector that is passed to a call that is not inlined would be boxed.
  static void encode(RansOutput output, RansTable table, byte[] source, int from, int rounds) {
    int[] bySymbol = table.bySymbol();
    int[] slots = table.slots();
    short[] words = output.words;
    int written = output.wordCount;
    int[] index = output.index;
    IntVector a = IntVector.fromArray(INTS, output.states, 0);
    IntVector b = IntVector.fromArray(INTS, output.states, 16);
    IntVector c = IntVector.fromArray(INTS, output.states, 32);
    IntVector d = IntVector.fromArray(INTS, output.states, 48);
    int last = from + (rounds - 1) * VectorRansKernel.STATES;
    for (int at = last; at >= from; at -= VectorRansKernel.STATES) {
      IntVector codes0 =
          ((ShortVector)
                  ByteVector.fromArray(BYTES_32, source, at + 32)
                      .convertShape(ZERO_EXTEND_B2S, SHORTS, 0))
              .rearrange(REVERSE)
              .reinterpretAsInts();
      codes0.and(0xffff).intoArray(index, 0);
      codes0.lanewise(LSHR, WORD_BITS).intoArray(index, 16);
      IntVector aEntry = IntVector.fromArray(INTS, bySymbol, 0, index, 0);
      IntVector bEntry = IntVector.fromArray(INTS, bySymbol, 0, index, 16);
      IntVector codes1 =
          ((ShortVector)
                  ByteVector.fromArray(BYTES_32, source, at)
                      .convertShape(ZERO_EXTEND_B2S, SHORTS, 0))
              .rearrange(REVERSE)
              .reinterpretAsInts();
      codes1.and(0xffff).intoArray(index, 0);
      codes1.lanewise(LSHR, WORD_BITS).intoArray(index, 16);
      IntVector cEntry = IntVector.fromArray(INTS, bySymbol, 0, index, 0);
      IntVector dEntry = IntVector.fromArray(INTS, bySymbol, 0, index, 16);
      IntVector aFrequency = aEntry.lanewise(LSHR, RansTable.FREQUENCY_SHIFT).add(1);
      VectorMask<Integer> aFull = a.lanewise(LSHR, FULL_BITS).compare(GE, aFrequency);
      ((ShortVector) a.compress(aFull).convertShape(I2S, SHORTS_16, 0)).intoArray(words, written);
      written += aFull.trueCount();
      a = a.blend(a.lanewise(LSHR, WORD_BITS), aFull);
      IntVector aQuotient =
          (IntVector)
              ((FloatVector) a.convertShape(I2F, FLOATS, 0))
                  .div((FloatVector) aFrequency.convertShape(I2F, FLOATS, 0))
                  .sub(MARGIN)
                  .convertShape(F2I, INTS, 0);
      IntVector aRest = a.sub(aQuotient.mul(aFrequency));
      VectorMask<Integer> aMore = aRest.compare(GE, aFrequency);
      aQuotient = aQuotient.add(1, aMore);
      aRest = aRest.sub(aFrequency, aMore);
      IntVector bFrequency = bEntry.lanewise(LSHR, RansTable.FREQUENCY_SHIFT).add(1);
      VectorMask<Integer> bFull = b.lanewise(LSHR, FULL_BITS).compare(GE, bFrequency);
      ((ShortVector) b.compress(bFull).convertShape(I2S, SHORTS_16, 0)).intoArray(words, written);
      written += bFull.trueCount();
      b = b.blend(b.lanewise(LSHR, WORD_BITS), bFull);
      IntVector bQuotient =
          (IntVector)
              ((FloatVector) b.convertShape(I2F, FLOATS, 0))
                  .div((FloatVector) bFrequency.convertShape(I2F, FLOATS, 0))
                  .sub(MARGIN)
                  .convertShape(F2I, INTS, 0);
      IntVector bRest = b.sub(bQuotient.mul(bFrequency));
      VectorMask<Integer> bMore = bRest.compare(GE, bFrequency);
      bQuotient = bQuotient.add(1, bMore);
      bRest = bRest.sub(bFrequency, bMore);
      IntVector cFrequency = cEntry.lanewise(LSHR, RansTable.FREQUENCY_SHIFT).add(1);
      VectorMask<Integer> cFull = c.lanewise(LSHR, FULL_BITS).compare(GE, cFrequency);
      ((ShortVector) c.compress(cFull).convertShape(I2S, SHORTS_16, 0)).intoArray(words, written);
      written += cFull.trueCount();
      c = c.blend(c.lanewise(LSHR, WORD_BITS), cFull);
      IntVector cQuotient =
          (IntVector)
              ((FloatVector) c.convertShape(I2F, FLOATS, 0))
                  .div((FloatVector) cFrequency.convertShape(I2F, FLOATS, 0))
                  .sub(MARGIN)
                  .convertShape(F2I, INTS, 0);
      IntVector cRest = c.sub(cQuotient.mul(cFrequency));
      VectorMask<Integer> cMore = cRest.compare(GE, cFrequency);
      cQuotient = cQuotient.add(1, cMore);
      cRest = cRest.sub(cFrequency, cMore);
      IntVector dFrequency = dEntry.lanewise(LSHR, RansTable.FREQUENCY_SHIFT).add(1);
      VectorMask<Integer> dFull = d.lanewise(LSHR, FULL_BITS).compare(GE, dFrequency);
      ((ShortVector) d.compress(dFull).convertShape(I2S, SHORTS_16, 0)).intoArray(words, written);
      written += dFull.trueCount();
      d = d.blend(d.lanewise(LSHR, WORD_BITS), dFull);
      IntVector dQuotient =
          (IntVector)
              ((FloatVector) d.convertShape(I2F, FLOATS, 0))
                  .div((FloatVector) dFrequency.convertShape(I2F, FLOATS, 0))
                  .sub(MARGIN)
                  .convertShape(F2I, INTS, 0);
      IntVector dRest = d.sub(dQuotient.mul(dFrequency));
      VectorMask<Integer> dMore = dRest.compare(GE, dFrequency);
      dQuotient = dQuotient.add(1, dMore);
      dRest = dRest.sub(dFrequency, dMore);
      aEntry.and(Frequencies.TOTAL - 1).add(aRest).intoArray(index, 0);
      bEntry.and(Frequencies.TOTAL - 1).add(bRest).intoArray(index, 16);
      cEntry.and(Frequencies.TOTAL - 1).add(cRest).intoArray(index, 32);
      dEntry.and(Frequencies.TOTAL - 1).add(dRest).intoArray(index, 48);
      a =
          aQuotient
              .lanewise(LSHL, Frequencies.BITS)
              .add(IntVector.fromArray(INTS, slots, 0, index, 0));
      b =
          bQuotient
              .lanewise(LSHL, Frequencies.BITS)
              .add(IntVector.fromArray(INTS, slots, 0, index, 16));
      c =
          cQuotient
              .lanewise(LSHL, Frequencies.BITS)
              .add(IntVector.fromArray(INTS, slots, 0, index, 32));
      d =
          dQuotient
              .lanewise(LSHL, Frequencies.BITS)
              .add(IntVector.fromArray(INTS, slots, 0, index, 48));
    }
    a.intoArray(output.states, 0);
    b.intoArray(output.states, 16);
    c.intoArray(output.states, 32);
    d.intoArray(output.states, 48);
    output.wordCount = written;
  }
}
