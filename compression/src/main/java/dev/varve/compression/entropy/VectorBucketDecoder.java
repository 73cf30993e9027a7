package dev.varve.compression.entropy;

import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.S2B;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_S2I;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * Decodes 64 symbols at a time from a table of at most 32 symbols, which stays in registers: no
 * look-up touches memory.
 */
final class VectorBucketDecoder {
  private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_512;
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_512;
  private static final VectorSpecies<Byte> BYTES_32 = ByteVector.SPECIES_256;
  private static final int WORD_BITS = ScalarRansKernel.WORD_BITS;
  private static final int SLOT_MASK = Frequencies.TOTAL - 1;

  private VectorBucketDecoder() {}

  // One method, since a vector that is passed to a call that is not inlined would be boxed.
  static void decode(RansInput input, AliasBuckets buckets, byte[] target, int from, int rounds) {
    byte[] words = input.words;
    int end = input.end;
    int position = input.position;
    ShortVector dividers = ShortVector.fromArray(SHORTS, buckets.dividers, 0);
    ShortVector frequency0 = ShortVector.fromArray(SHORTS, buckets.frequencies, 0);
    ShortVector frequency1 = ShortVector.fromArray(SHORTS, buckets.frequencies, AliasBuckets.COUNT);
    ShortVector shift0 = ShortVector.fromArray(SHORTS, buckets.shifts, 0);
    ShortVector shift1 = ShortVector.fromArray(SHORTS, buckets.shifts, AliasBuckets.COUNT);
    ShortVector symbol0 = ShortVector.fromArray(SHORTS, buckets.symbols, 0);
    ShortVector symbol1 = ShortVector.fromArray(SHORTS, buckets.symbols, AliasBuckets.COUNT);
    IntVector a = IntVector.fromArray(INTS, input.states, 0);
    IntVector b = IntVector.fromArray(INTS, input.states, 16);
    IntVector c = IntVector.fromArray(INTS, input.states, 32);
    IntVector d = IntVector.fromArray(INTS, input.states, 48);
    int to = from + rounds * VectorRansKernel.STATES;
    for (int at = from; at < to && position <= end; at += VectorRansKernel.STATES) {
      ShortVector slot0 =
          a.and(SLOT_MASK).or(b.and(SLOT_MASK).lanewise(LSHL, WORD_BITS)).reinterpretAsShorts();
      ShortVector slot1 =
          c.and(SLOT_MASK).or(d.and(SLOT_MASK).lanewise(LSHL, WORD_BITS)).reinterpretAsShorts();
      ShortVector part0 = slot0.lanewise(LSHR, AliasBuckets.SLOT_BITS);
      ShortVector part1 = slot1.lanewise(LSHR, AliasBuckets.SLOT_BITS);
      part0 = part0.add((short) AliasBuckets.COUNT, slot0.compare(GE, part0.selectFrom(dividers)));
      part1 = part1.add((short) AliasBuckets.COUNT, slot1.compare(GE, part1.selectFrom(dividers)));
      IntVector f0 = part0.selectFrom(frequency0, frequency1).reinterpretAsInts();
      IntVector bias0 = slot0.add(part0.selectFrom(shift0, shift1)).reinterpretAsInts();
      a = f0.and(0xffff).mul(a.lanewise(LSHR, Frequencies.BITS)).add(bias0.and(0xffff));
      b =
          f0.lanewise(LSHR, WORD_BITS)
              .mul(b.lanewise(LSHR, Frequencies.BITS))
              .add(bias0.lanewise(LSHR, WORD_BITS));
      IntVector f1 = part1.selectFrom(frequency0, frequency1).reinterpretAsInts();
      IntVector bias1 = slot1.add(part1.selectFrom(shift0, shift1)).reinterpretAsInts();
      c = f1.and(0xffff).mul(c.lanewise(LSHR, Frequencies.BITS)).add(bias1.and(0xffff));
      d =
          f1.lanewise(LSHR, WORD_BITS)
              .mul(d.lanewise(LSHR, Frequencies.BITS))
              .add(bias1.lanewise(LSHR, WORD_BITS));
      ((ByteVector) part0.selectFrom(symbol0, symbol1).convertShape(S2B, BYTES_32, 0))
          .intoArray(target, at);
      ((ByteVector) part1.selectFrom(symbol0, symbol1).convertShape(S2B, BYTES_32, 0))
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
