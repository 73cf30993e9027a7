package dev.varve.compression.lossless;

import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.S2B;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_B2S;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** What {@link WordPlanes} does, whole vectors at a time, and with its help for the rest. */
final class VectorWordPlanes implements ElementPlanes {
  private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_PREFERRED;
  private static final int LANES = SHORTS.length();
  private static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(LANES * Byte.SIZE));
  private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

  private final WordPlanes plain;
  private final int left;
  private final int right;

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
    takeApart(source, from, whole, planes[0], planes[1], at, left, right);
    plain.split(source, from + (long) Short.BYTES * whole, elements - whole, planes, at + whole);
  }

  @Override
  public void merge(byte[][] planes, int at, int elements, MemorySegment target, long from) {
    int whole = SHORTS.loopBound(elements);
    putTogether(planes[0], planes[1], at, whole, target, from, left, right);
    plain.merge(planes, at + whole, elements - whole, target, from + (long) Short.BYTES * whole);
  }

  // Shifts by 0 in place of a turn by none leave a word as it is, on both sides of the "or".
  private static void takeApart(
      MemorySegment source,
      long from,
      int count,
      byte[] upper,
      byte[] lower,
      int at,
      int left,
      int right) {
    for (int i = 0; i < count; i += LANES) {
      ShortVector words =
          ShortVector.fromMemorySegment(SHORTS, source, from + (long) Short.BYTES * i, ORDER);
      ShortVector turned = words.lanewise(LSHL, left).or(words.lanewise(LSHR, right));
      ((ByteVector) turned.lanewise(LSHR, Byte.SIZE).convertShape(S2B, BYTES, 0))
          .intoArray(upper, at + i);
      ((ByteVector) turned.convertShape(S2B, BYTES, 0)).intoArray(lower, at + i);
    }
  }

  private static void putTogether(
      byte[] upper,
      byte[] lower,
      int at,
      int count,
      MemorySegment target,
      long from,
      int left,
      int right) {
    for (int i = 0; i < count; i += LANES) {
      ShortVector high =
          (ShortVector)
              ByteVector.fromArray(BYTES, upper, at + i).convertShape(ZERO_EXTEND_B2S, SHORTS, 0);
      ShortVector low =
          (ShortVector)
              ByteVector.fromArray(BYTES, lower, at + i).convertShape(ZERO_EXTEND_B2S, SHORTS, 0);
      ShortVector turned = high.lanewise(LSHL, Byte.SIZE).or(low);
      turned
          .lanewise(LSHR, left)
          .or(turned.lanewise(LSHL, right))
          .intoMemorySegment(target, from + (long) Short.BYTES * i, ORDER);
    }
  }
}
