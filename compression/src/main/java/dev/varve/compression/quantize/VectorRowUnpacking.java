package dev.varve.compression.quantize;

import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Unpacks rows of codes of 4, 2 and 1 bits, whose packed bytes are whole vectors of 16 bytes; of 4
 * bits also of the widest vectors there are. What shifts of shorts bring along from the next byte
 * is masked.
 *
 * <p>Written by the rules of this package: some rows at once, one vector of each a round.
 */
final class VectorRowUnpacking {
  private static final VectorSpecies<Byte> WIDE = ByteVector.SPECIES_PREFERRED;
  private static final int WIDE_LANES = WIDE.length();
  private static final VectorSpecies<Byte> NARROW = ByteVector.SPECIES_128;
  private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

  private VectorRowUnpacking() {}

  /** See {@link QuantizeKernel#unpackRows}; {@code bytes} is the length of a packed row. */
  static void rows(MemorySegment source, long offset, int rows, int bits, int bytes, byte[] codes) {
    switch (bits) {
      case 4 -> {
        if (bytes % WIDE_LANES == 0) {
          wideNibbles(source, offset, rows, bytes, codes);
        } else {
          nibbles(source, offset, rows, bytes, codes);
        }
      }
      case 2 -> pairs(source, offset, rows, bytes, codes);
      default -> singles(source, offset, rows, bytes, codes);
    }
  }

  private static void wideNibbles(
      MemorySegment source, long offset, int rows, int bytes, byte[] codes) {
    int row = 0;
    for (; row <= rows - 4; row += 4) {
      for (int i = 0; i < bytes; i += WIDE_LANES) {
        long from = offset + (long) row * bytes + i;
        int to = row * 2 * bytes + i;
        ByteVector v0 = ByteVector.fromMemorySegment(WIDE, source, from, ORDER);
        v0.and((byte) 15).intoArray(codes, to);
        v0.reinterpretAsShorts()
            .lanewise(LSHR, 4)
            .reinterpretAsBytes()
            .and((byte) 15)
            .intoArray(codes, to + bytes);
        ByteVector v1 = ByteVector.fromMemorySegment(WIDE, source, from + bytes, ORDER);
        v1.and((byte) 15).intoArray(codes, to + 2 * bytes);
        v1.reinterpretAsShorts()
            .lanewise(LSHR, 4)
            .reinterpretAsBytes()
            .and((byte) 15)
            .intoArray(codes, to + 3 * bytes);
        ByteVector v2 = ByteVector.fromMemorySegment(WIDE, source, from + 2L * bytes, ORDER);
        v2.and((byte) 15).intoArray(codes, to + 4 * bytes);
        v2.reinterpretAsShorts()
            .lanewise(LSHR, 4)
            .reinterpretAsBytes()
            .and((byte) 15)
            .intoArray(codes, to + 5 * bytes);
        ByteVector v3 = ByteVector.fromMemorySegment(WIDE, source, from + 3L * bytes, ORDER);
        v3.and((byte) 15).intoArray(codes, to + 6 * bytes);
        v3.reinterpretAsShorts()
            .lanewise(LSHR, 4)
            .reinterpretAsBytes()
            .and((byte) 15)
            .intoArray(codes, to + 7 * bytes);
      }
    }
    for (; row < rows; row++) {
      for (int i = 0; i < bytes; i += WIDE_LANES) {
        long from = offset + (long) row * bytes + i;
        int to = row * 2 * bytes + i;
        ByteVector v = ByteVector.fromMemorySegment(WIDE, source, from, ORDER);
        v.and((byte) 15).intoArray(codes, to);
        v.reinterpretAsShorts()
            .lanewise(LSHR, 4)
            .reinterpretAsBytes()
            .and((byte) 15)
            .intoArray(codes, to + bytes);
      }
    }
  }

  private static void nibbles(
      MemorySegment source, long offset, int rows, int bytes, byte[] codes) {
    int row = 0;
    for (; row <= rows - 4; row += 4) {
      for (int i = 0; i < bytes; i += VectorRowPacking.UNIT) {
        long from = offset + (long) row * bytes + i;
        int to = row * 2 * bytes + i;
        ByteVector v0 = ByteVector.fromMemorySegment(NARROW, source, from, ORDER);
        v0.and((byte) 15).intoArray(codes, to);
        v0.reinterpretAsShorts()
            .lanewise(LSHR, 4)
            .reinterpretAsBytes()
            .and((byte) 15)
            .intoArray(codes, to + bytes);
        ByteVector v1 = ByteVector.fromMemorySegment(NARROW, source, from + bytes, ORDER);
        v1.and((byte) 15).intoArray(codes, to + 2 * bytes);
        v1.reinterpretAsShorts()
            .lanewise(LSHR, 4)
            .reinterpretAsBytes()
            .and((byte) 15)
            .intoArray(codes, to + 3 * bytes);
        ByteVector v2 = ByteVector.fromMemorySegment(NARROW, source, from + 2L * bytes, ORDER);
        v2.and((byte) 15).intoArray(codes, to + 4 * bytes);
        v2.reinterpretAsShorts()
            .lanewise(LSHR, 4)
            .reinterpretAsBytes()
            .and((byte) 15)
            .intoArray(codes, to + 5 * bytes);
        ByteVector v3 = ByteVector.fromMemorySegment(NARROW, source, from + 3L * bytes, ORDER);
        v3.and((byte) 15).intoArray(codes, to + 6 * bytes);
        v3.reinterpretAsShorts()
            .lanewise(LSHR, 4)
            .reinterpretAsBytes()
            .and((byte) 15)
            .intoArray(codes, to + 7 * bytes);
      }
    }
    for (; row < rows; row++) {
      for (int i = 0; i < bytes; i += VectorRowPacking.UNIT) {
        long from = offset + (long) row * bytes + i;
        int to = row * 2 * bytes + i;
        ByteVector v = ByteVector.fromMemorySegment(NARROW, source, from, ORDER);
        v.and((byte) 15).intoArray(codes, to);
        v.reinterpretAsShorts()
            .lanewise(LSHR, 4)
            .reinterpretAsBytes()
            .and((byte) 15)
            .intoArray(codes, to + bytes);
      }
    }
  }

  private static void pairs(MemorySegment source, long offset, int rows, int bytes, byte[] codes) {
    int row = 0;
    for (; row <= rows - 2; row += 2) {
      for (int i = 0; i < bytes; i += VectorRowPacking.UNIT) {
        long from = offset + (long) row * bytes + i;
        int to = row * 4 * bytes + i;
        ByteVector v0 = ByteVector.fromMemorySegment(NARROW, source, from, ORDER);
        v0.and((byte) 3).intoArray(codes, to);
        v0.reinterpretAsShorts()
            .lanewise(LSHR, 2)
            .reinterpretAsBytes()
            .and((byte) 3)
            .intoArray(codes, to + bytes);
        v0.reinterpretAsShorts()
            .lanewise(LSHR, 4)
            .reinterpretAsBytes()
            .and((byte) 3)
            .intoArray(codes, to + 2 * bytes);
        v0.reinterpretAsShorts()
            .lanewise(LSHR, 6)
            .reinterpretAsBytes()
            .and((byte) 3)
            .intoArray(codes, to + 3 * bytes);
        ByteVector v1 = ByteVector.fromMemorySegment(NARROW, source, from + bytes, ORDER);
        v1.and((byte) 3).intoArray(codes, to + 4 * bytes);
        v1.reinterpretAsShorts()
            .lanewise(LSHR, 2)
            .reinterpretAsBytes()
            .and((byte) 3)
            .intoArray(codes, to + 5 * bytes);
        v1.reinterpretAsShorts()
            .lanewise(LSHR, 4)
            .reinterpretAsBytes()
            .and((byte) 3)
            .intoArray(codes, to + 6 * bytes);
        v1.reinterpretAsShorts()
            .lanewise(LSHR, 6)
            .reinterpretAsBytes()
            .and((byte) 3)
            .intoArray(codes, to + 7 * bytes);
      }
    }
    for (; row < rows; row++) {
      for (int i = 0; i < bytes; i += VectorRowPacking.UNIT) {
        long from = offset + (long) row * bytes + i;
        int to = row * 4 * bytes + i;
        ByteVector v = ByteVector.fromMemorySegment(NARROW, source, from, ORDER);
        v.and((byte) 3).intoArray(codes, to);
        v.reinterpretAsShorts()
            .lanewise(LSHR, 2)
            .reinterpretAsBytes()
            .and((byte) 3)
            .intoArray(codes, to + bytes);
        v.reinterpretAsShorts()
            .lanewise(LSHR, 4)
            .reinterpretAsBytes()
            .and((byte) 3)
            .intoArray(codes, to + 2 * bytes);
        v.reinterpretAsShorts()
            .lanewise(LSHR, 6)
            .reinterpretAsBytes()
            .and((byte) 3)
            .intoArray(codes, to + 3 * bytes);
      }
    }
  }

  private static void singles(
      MemorySegment source, long offset, int rows, int bytes, byte[] codes) {
    int row = 0;
    for (; row <= rows - 2; row += 2) {
      for (int i = 0; i < bytes; i += VectorRowPacking.UNIT) {
        long from = offset + (long) row * bytes + i;
        int to = row * 8 * bytes + i;
        ByteVector v0 = ByteVector.fromMemorySegment(NARROW, source, from, ORDER);
        v0.and((byte) 1).intoArray(codes, to);
        v0.reinterpretAsShorts()
            .lanewise(LSHR, 1)
            .reinterpretAsBytes()
            .and((byte) 1)
            .intoArray(codes, to + bytes);
        v0.reinterpretAsShorts()
            .lanewise(LSHR, 2)
            .reinterpretAsBytes()
            .and((byte) 1)
            .intoArray(codes, to + 2 * bytes);
        v0.reinterpretAsShorts()
            .lanewise(LSHR, 3)
            .reinterpretAsBytes()
            .and((byte) 1)
            .intoArray(codes, to + 3 * bytes);
        v0.reinterpretAsShorts()
            .lanewise(LSHR, 4)
            .reinterpretAsBytes()
            .and((byte) 1)
            .intoArray(codes, to + 4 * bytes);
        v0.reinterpretAsShorts()
            .lanewise(LSHR, 5)
            .reinterpretAsBytes()
            .and((byte) 1)
            .intoArray(codes, to + 5 * bytes);
        v0.reinterpretAsShorts()
            .lanewise(LSHR, 6)
            .reinterpretAsBytes()
            .and((byte) 1)
            .intoArray(codes, to + 6 * bytes);
        v0.reinterpretAsShorts()
            .lanewise(LSHR, 7)
            .reinterpretAsBytes()
            .and((byte) 1)
            .intoArray(codes, to + 7 * bytes);
        ByteVector v1 = ByteVector.fromMemorySegment(NARROW, source, from + bytes, ORDER);
        v1.and((byte) 1).intoArray(codes, to + 8 * bytes);
        v1.reinterpretAsShorts()
            .lanewise(LSHR, 1)
            .reinterpretAsBytes()
            .and((byte) 1)
            .intoArray(codes, to + 9 * bytes);
        v1.reinterpretAsShorts()
            .lanewise(LSHR, 2)
            .reinterpretAsBytes()
            .and((byte) 1)
            .intoArray(codes, to + 10 * bytes);
        v1.reinterpretAsShorts()
            .lanewise(LSHR, 3)
            .reinterpretAsBytes()
            .and((byte) 1)
            .intoArray(codes, to + 11 * bytes);
        v1.reinterpretAsShorts()
            .lanewise(LSHR, 4)
            .reinterpretAsBytes()
            .and((byte) 1)
            .intoArray(codes, to + 12 * bytes);
        v1.reinterpretAsShorts()
            .lanewise(LSHR, 5)
            .reinterpretAsBytes()
            .and((byte) 1)
            .intoArray(codes, to + 13 * bytes);
        v1.reinterpretAsShorts()
            .lanewise(LSHR, 6)
            .reinterpretAsBytes()
            .and((byte) 1)
            .intoArray(codes, to + 14 * bytes);
        v1.reinterpretAsShorts()
            .lanewise(LSHR, 7)
            .reinterpretAsBytes()
            .and((byte) 1)
            .intoArray(codes, to + 15 * bytes);
      }
    }
    for (; row < rows; row++) {
      for (int i = 0; i < bytes; i += VectorRowPacking.UNIT) {
        long from = offset + (long) row * bytes + i;
        int to = row * 8 * bytes + i;
        ByteVector v = ByteVector.fromMemorySegment(NARROW, source, from, ORDER);
        v.and((byte) 1).intoArray(codes, to);
        v.reinterpretAsShorts()
            .lanewise(LSHR, 1)
            .reinterpretAsBytes()
            .and((byte) 1)
            .intoArray(codes, to + bytes);
        v.reinterpretAsShorts()
            .lanewise(LSHR, 2)
            .reinterpretAsBytes()
            .and((byte) 1)
            .intoArray(codes, to + 2 * bytes);
        v.reinterpretAsShorts()
            .lanewise(LSHR, 3)
            .reinterpretAsBytes()
            .and((byte) 1)
            .intoArray(codes, to + 3 * bytes);
        v.reinterpretAsShorts()
            .lanewise(LSHR, 4)
            .reinterpretAsBytes()
            .and((byte) 1)
            .intoArray(codes, to + 4 * bytes);
        v.reinterpretAsShorts()
            .lanewise(LSHR, 5)
            .reinterpretAsBytes()
            .and((byte) 1)
            .intoArray(codes, to + 5 * bytes);
        v.reinterpretAsShorts()
            .lanewise(LSHR, 6)
            .reinterpretAsBytes()
            .and((byte) 1)
            .intoArray(codes, to + 6 * bytes);
        v.reinterpretAsShorts()
            .lanewise(LSHR, 7)
            .reinterpretAsBytes()
            .and((byte) 1)
            .intoArray(codes, to + 7 * bytes);
      }
    }
  }
}
