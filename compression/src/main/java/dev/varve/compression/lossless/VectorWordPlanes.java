package dev.varve.compression.lossless;

import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.S2B;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_B2S;

import dev.varve.store.kernel.DtypeLayouts;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * What {@link WordPlanes} does, whole vectors at a time, and with its help for the rest. Words pass
 * through an array, for vectors of words that go straight to memory of another kind are taken
 * apart.
 */
final class VectorWordPlanes implements ElementPlanes {
  private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_PREFERRED;
  private static final int LANES = SHORTS.length();
  private static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(LANES * Byte.SIZE));

  private final WordPlanes plain;
  private final int left;
  private final int right;
  private final short[] tile = new short[TILE];

  VectorWordPlanes(boolean turned) {
    this.plain = new WordPlanes(turned);
    this.left = turned ? 1 : 0;
    this.right = turned ? Short.SIZE - 1 : 0;
  }

  @Override
  public int count() {
    return Short.BYTES;
  }

  @Override
  public void split(MemorySegment source, long from, int elements, byte[][] planes, int at) {
    int whole = SHORTS.loopBound(elements);
    for (int done = 0; done < whole; done += TILE) {
      int count = Math.min(TILE, whole - done);
      MemorySegment.copy(
          source, DtypeLayouts.SHORT, from + (long) Short.BYTES * done, tile, 0, count);
      takeApart(tile, count, planes[0], planes[1], at + done, left, right);
    }
    plain.split(source, from + (long) Short.BYTES * whole, elements - whole, planes, at + whole);
  }

  @Override
  public void merge(byte[][] planes, int at, int elements, MemorySegment target, long from) {
    int whole = SHORTS.loopBound(elements);
    for (int done = 0; done < whole; done += TILE) {
      int count = Math.min(TILE, whole - done);
      putTogether(planes[0], planes[1], at + done, count, tile, left, right);
      MemorySegment.copy(
          tile, 0, target, DtypeLayouts.SHORT, from + (long) Short.BYTES * done, count);
    }
    plain.merge(planes, at + whole, elements - whole, target, from + (long) Short.BYTES * whole);
  }

  // Shifts by 0 in place of a turn by none leave a word as it is, on both sides of the "or".
  private static void takeApart(
      short[] source, int count, byte[] upper, byte[] lower, int at, int left, int right) {
    for (int i = 0; i < count; i += LANES) {
      ShortVector words = ShortVector.fromArray(SHORTS, source, i);
      ShortVector turned = words.lanewise(LSHL, left).or(words.lanewise(LSHR, right));
      ((ByteVector) turned.lanewise(LSHR, Byte.SIZE).convertShape(S2B, BYTES, 0))
          .intoArray(upper, at + i);
      ((ByteVector) turned.convertShape(S2B, BYTES, 0)).intoArray(lower, at + i);
    }
  }

  private static void putTogether(
      byte[] upper, byte[] lower, int at, int count, short[] target, int left, int right) {
    for (int i = 0; i < count; i += LANES) {
      ShortVector high =
          (ShortVector)
              ByteVector.fromArray(BYTES, upper, at + i).convertShape(ZERO_EXTEND_B2S, SHORTS, 0);
      ShortVector low =
          (ShortVector)
              ByteVector.fromArray(BYTES, lower, at + i).convertShape(ZERO_EXTEND_B2S, SHORTS, 0);
      ShortVector turned = high.lanewise(LSHL, Byte.SIZE).or(low);
      turned.lanewise(LSHR, left).or(turned.lanewise(LSHL, right)).intoArray(target, i);
    }
  }
}
