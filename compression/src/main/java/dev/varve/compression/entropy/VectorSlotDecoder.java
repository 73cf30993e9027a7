package dev.varve.compression.entropy;

import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.S2B;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_S2I;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/** Decodes 64 symbols at a time from a table of any number of symbols, by gathering. */
final class VectorSlotDecoder {
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_512;
  private static final VectorSpecies<Byte> BYTES_32 = ByteVector.SPECIES_256;
  private static final int WORD_BITS = ScalarRansKernel.WORD_BITS;
  private static final int SLOT_MASK = Frequencies.TOTAL - 1;
  private static final int BIAS_SHIFT = RansTable.BIAS_SHIFT;
  private static final int FREQUENCY_SHIFT = RansTable.FREQUENCY_SHIFT;

  private VectorSlotDecoder() {}

  // One method, since a vector that is passed to a call that is not inlined would be boxed.
  static void decode(RansInput input, int[] bySlot, byte[] target, int from, int rounds) {
    byte[] words = input.words;
    int end = input.end;
    int position = input.position;
    int[] index = new int[VectorRansKernel.STATES];
    IntVector a = IntVector.fromArray(INTS, input.states, 0);
    IntVector b = IntVector.fromArray(INTS, input.states, 16);
    IntVector c = IntVector.fromArray(INTS, input.states, 32);
    IntVector d = IntVector.fromArray(INTS, input.states, 48);
    int to = from + rounds * VectorRansKernel.STATES;
    for (int at = from; at < to && position <= end; at += VectorRansKernel.STATES) {
      a.and(SLOT_MASK).intoArray(index, 0);
      b.and(SLOT_MASK).intoArray(index, 16);
      c.and(SLOT_MASK).intoArray(index, 32);
      d.and(SLOT_MASK).intoArray(index, 48);
      IntVector aEntry = IntVector.fromArray(INTS, bySlot, 0, index, 0);
      IntVector bEntry = IntVector.fromArray(INTS, bySlot, 0, index, 16);
      IntVector cEntry = IntVector.fromArray(INTS, bySlot, 0, index, 32);
      IntVector dEntry = IntVector.fromArray(INTS, bySlot, 0, index, 48);
      a =
          aEntry
              .lanewise(LSHR, FREQUENCY_SHIFT)
              .add(1)
              .mul(a.lanewise(LSHR, Frequencies.BITS))
              .add(aEntry.lanewise(LSHR, BIAS_SHIFT).and(SLOT_MASK));
      b =
          bEntry
              .lanewise(LSHR, FREQUENCY_SHIFT)
              .add(1)
              .mul(b.lanewise(LSHR, Frequencies.BITS))
              .add(bEntry.lanewise(LSHR, BIAS_SHIFT).and(SLOT_MASK));
      c =
          cEntry
              .lanewise(LSHR, FREQUENCY_SHIFT)
              .add(1)
              .mul(c.lanewise(LSHR, Frequencies.BITS))
              .add(cEntry.lanewise(LSHR, BIAS_SHIFT).and(SLOT_MASK));
      d =
          dEntry
              .lanewise(LSHR, FREQUENCY_SHIFT)
              .add(1)
              .mul(d.lanewise(LSHR, Frequencies.BITS))
              .add(dEntry.lanewise(LSHR, BIAS_SHIFT).and(SLOT_MASK));
      ((ByteVector)
              aEntry
                  .and(0xff)
                  .or(bEntry.lanewise(LSHL, WORD_BITS))
                  .reinterpretAsShorts()
                  .convertShape(S2B, BYTES_32, 0))
          .intoArray(target, at);
      ((ByteVector)
              cEntry
                  .and(0xff)
                  .or(dEntry.lanewise(LSHL, WORD_BITS))
                  .reinterpretAsShorts()
                  .convertShape(S2B, BYTES_32, 0))
          .intoArray(target, at + 32);
      VectorMask<Integer> aLow = a.compare(LT, Interleaving.START);
      VectorMask<Integer> bLow = b.compare(LT, Interleaving.START);
      VectorMask<Integer> cLow = c.compare(LT, Interleaving.START);
      VectorMask<Integer> dLow = d.compare(LT, Interleaving.START);
      a =
          a.blend(
              a.lanewise(LSHL, WORD_BITS)
                  .or(
                      ((IntVector)
                              ByteVector.fromArray(BYTES_32, words, position)
                                  .reinterpretAsShorts()
                                  .convertShape(ZERO_EXTEND_S2I, INTS, 0))
                          .expand(aLow)),
              aLow);
      position += Short.BYTES * aLow.trueCount();
      b =
          b.blend(
              b.lanewise(LSHL, WORD_BITS)
                  .or(
                      ((IntVector)
                              ByteVector.fromArray(BYTES_32, words, position)
                                  .reinterpretAsShorts()
                                  .convertShape(ZERO_EXTEND_S2I, INTS, 0))
                          .expand(bLow)),
              bLow);
      position += Short.BYTES * bLow.trueCount();
      c =
          c.blend(
              c.lanewise(LSHL, WORD_BITS)
                  .or(
                      ((IntVector)
                              ByteVector.fromArray(BYTES_32, words, position)
                                  .reinterpretAsShorts()
                                  .convertShape(ZERO_EXTEND_S2I, INTS, 0))
                          .expand(cLow)),
              cLow);
      position += Short.BYTES * cLow.trueCount();
      d =
          d.blend(
              d.lanewise(LSHL, WORD_BITS)
                  .or(
                      ((IntVector)
                              ByteVector.fromArray(BYTES_32, words, position)
                                  .reinterpretAsShorts()
                                  .convertShape(ZERO_EXTEND_S2I, INTS, 0))
                          .expand(dLow)),
              dLow);
      position += Short.BYTES * dLow.trueCount();
    }
    a.intoArray(input.states, 0);
    b.intoArray(input.states, 16);
    c.intoArray(input.states, 32);
    d.intoArray(input.states, 48);
    input.position = position;
  }
}
