package dev.varve.compression.entropy;

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

/** Encodes 64 symbols at a time with a table of 32 neighbouring symbols, held in registers. */
final class VectorBucketEncoder {
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
   * A quotient is below 2^19 and comes out wrong by less than 1/10 in floats. Less 5/8 and rounded
   * to the nearest integer, which adding 1.5 * 2^23 does, it is right or one too small.
   */
  private static final float ROUNDING = 0x1.8p23f;

  private static final int ROUNDING_BITS = Float.floatToRawIntBits(ROUNDING);
  private static final float MARGIN = 0.625f;

  private VectorBucketEncoder() {}

  // One method, since a vector that is passed to a call that is not inlined would be boxed.
  static void encode(
      RansOutput output,
      RansTable table,
      AliasBuckets buckets,
      byte[] source,
      int from,
      int rounds) {
    int[] slots = table.slots();
    short[] words = output.words;
    int written = output.wordCount;
    // The compiler knows the length of a new array. Checks of another's made this method so long
    // that in one process of four not all calls were inlined, which took ten times as long.
    int[] index = new int[VectorRansKernel.STATES];
    short first = (short) buckets.first();
    BucketCodes codes = table.bucketCodes(buckets);
    short[] tables = codes.tables;
    ShortVector frequency = ShortVector.fromArray(SHORTS, tables, 0);
    ShortVector start = ShortVector.fromArray(SHORTS, tables, AliasBuckets.COUNT);
    int[] bits = codes.reciprocals;
    IntVector reciprocal0 = IntVector.fromArray(INTS, bits, 0);
    IntVector reciprocal1 = IntVector.fromArray(INTS, bits, 16);
    IntVector a = IntVector.fromArray(INTS, output.states, 0);
    IntVector b = IntVector.fromArray(INTS, output.states, 16);
    IntVector c = IntVector.fromArray(INTS, output.states, 32);
    IntVector d = IntVector.fromArray(INTS, output.states, 48);
    int last = from + (rounds - 1) * VectorRansKernel.STATES;
    for (int at = last; at >= from; at -= VectorRansKernel.STATES) {
      ShortVector codes0 =
          ((ShortVector)
                  ByteVector.fromArray(BYTES_32, source, at + 32)
                      .convertShape(ZERO_EXTEND_B2S, SHORTS, 0))
              .rearrange(REVERSE)
              .sub(first);
      IntVector frequencies0 = codes0.selectFrom(frequency).reinterpretAsInts();
      IntVector starts0 = codes0.selectFrom(start).reinterpretAsInts();
      IntVector indices0 = codes0.reinterpretAsInts();
      IntVector aFrequency = frequencies0.and(0xffff);
      IntVector bFrequency = frequencies0.lanewise(LSHR, WORD_BITS);
      IntVector aStart = starts0.and(0xffff);
      IntVector bStart = starts0.lanewise(LSHR, WORD_BITS);
      IntVector aBits = indices0.and(0xffff).selectFrom(reciprocal0, reciprocal1);
      IntVector bBits = indices0.lanewise(LSHR, WORD_BITS).selectFrom(reciprocal0, reciprocal1);
      ShortVector codes1 =
          ((ShortVector)
                  ByteVector.fromArray(BYTES_32, source, at)
                      .convertShape(ZERO_EXTEND_B2S, SHORTS, 0))
              .rearrange(REVERSE)
              .sub(first);
      IntVector frequencies1 = codes1.selectFrom(frequency).reinterpretAsInts();
      IntVector starts1 = codes1.selectFrom(start).reinterpretAsInts();
      IntVector indices1 = codes1.reinterpretAsInts();
      IntVector cFrequency = frequencies1.and(0xffff);
      IntVector dFrequency = frequencies1.lanewise(LSHR, WORD_BITS);
      IntVector cStart = starts1.and(0xffff);
      IntVector dStart = starts1.lanewise(LSHR, WORD_BITS);
      IntVector cBits = indices1.and(0xffff).selectFrom(reciprocal0, reciprocal1);
      IntVector dBits = indices1.lanewise(LSHR, WORD_BITS).selectFrom(reciprocal0, reciprocal1);
      VectorMask<Integer> aFull = a.lanewise(LSHR, FULL_BITS).compare(GE, aFrequency);
      ((ShortVector) a.compress(aFull).convertShape(I2S, SHORTS_16, 0)).intoArray(words, written);
      written += aFull.trueCount();
      a = a.blend(a.lanewise(LSHR, WORD_BITS), aFull);
      IntVector aQuotient =
          ((FloatVector) a.convertShape(I2F, FLOATS, 0))
              .mul(aBits.reinterpretAsFloats())
              .sub(MARGIN)
              .add(ROUNDING)
              .reinterpretAsInts()
              .sub(ROUNDING_BITS);
      IntVector aRest = a.sub(aQuotient.mul(aFrequency));
      VectorMask<Integer> aMore = aRest.compare(GE, aFrequency);
      aQuotient = aQuotient.add(1, aMore);
      aRest = aRest.sub(aFrequency, aMore);
      VectorMask<Integer> bFull = b.lanewise(LSHR, FULL_BITS).compare(GE, bFrequency);
      ((ShortVector) b.compress(bFull).convertShape(I2S, SHORTS_16, 0)).intoArray(words, written);
      written += bFull.trueCount();
      b = b.blend(b.lanewise(LSHR, WORD_BITS), bFull);
      IntVector bQuotient =
          ((FloatVector) b.convertShape(I2F, FLOATS, 0))
              .mul(bBits.reinterpretAsFloats())
              .sub(MARGIN)
              .add(ROUNDING)
              .reinterpretAsInts()
              .sub(ROUNDING_BITS);
      IntVector bRest = b.sub(bQuotient.mul(bFrequency));
      VectorMask<Integer> bMore = bRest.compare(GE, bFrequency);
      bQuotient = bQuotient.add(1, bMore);
      bRest = bRest.sub(bFrequency, bMore);
      VectorMask<Integer> cFull = c.lanewise(LSHR, FULL_BITS).compare(GE, cFrequency);
      ((ShortVector) c.compress(cFull).convertShape(I2S, SHORTS_16, 0)).intoArray(words, written);
      written += cFull.trueCount();
      c = c.blend(c.lanewise(LSHR, WORD_BITS), cFull);
      IntVector cQuotient =
          ((FloatVector) c.convertShape(I2F, FLOATS, 0))
              .mul(cBits.reinterpretAsFloats())
              .sub(MARGIN)
              .add(ROUNDING)
              .reinterpretAsInts()
              .sub(ROUNDING_BITS);
      IntVector cRest = c.sub(cQuotient.mul(cFrequency));
      VectorMask<Integer> cMore = cRest.compare(GE, cFrequency);
      cQuotient = cQuotient.add(1, cMore);
      cRest = cRest.sub(cFrequency, cMore);
      VectorMask<Integer> dFull = d.lanewise(LSHR, FULL_BITS).compare(GE, dFrequency);
      ((ShortVector) d.compress(dFull).convertShape(I2S, SHORTS_16, 0)).intoArray(words, written);
      written += dFull.trueCount();
      d = d.blend(d.lanewise(LSHR, WORD_BITS), dFull);
      IntVector dQuotient =
          ((FloatVector) d.convertShape(I2F, FLOATS, 0))
              .mul(dBits.reinterpretAsFloats())
              .sub(MARGIN)
              .add(ROUNDING)
              .reinterpretAsInts()
              .sub(ROUNDING_BITS);
      IntVector dRest = d.sub(dQuotient.mul(dFrequency));
      VectorMask<Integer> dMore = dRest.compare(GE, dFrequency);
      dQuotient = dQuotient.add(1, dMore);
      dRest = dRest.sub(dFrequency, dMore);
      aStart.add(aRest).intoArray(index, 0);
      bStart.add(bRest).intoArray(index, 16);
      cStart.add(cRest).intoArray(index, 32);
      dStart.add(dRest).intoArray(index, 48);
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
