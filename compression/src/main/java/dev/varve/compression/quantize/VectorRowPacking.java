package dev.varve.compression.quantize;

import static jdk.incubator.vector.VectorOperators.LSHL;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Packs rows of codes of 4, 2 and 1 bits, whose packed bytes are whole vectors of 16 bytes; of 4
 * bits also of the widest vectors there are. Codes are small, so that what is shifted never leaves
 * its byte: shifts of shorts will do.
 *
 * <p>Written by the rules of this package: some rows at once, one vector of each a round.
 */
final class VectorRowPacking {
  private static final VectorSpecies<Byte> WIDE = ByteVector.SPECIES_PREFERRED;
  private static final int WIDE_LANES = WIDE.length();
  private static final VectorSpecies<Byte> NARROW = ByteVector.SPECIES_128;
  private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

  /** What the length of a packed row has to be a multiple of. */
  static final int UNIT = 16;

  private VectorRowPacking() {}

  /** See {@link QuantizeKernel#packRows}; {@code bytes} is the length of a packed row. */
  static void rows(byte[] codes, int rows, int bits, int bytes, MemorySegment target, long offset) {
    switch (bits) {
      case 4 -> {
        if (bytes % WIDE_LANES == 0) {
          wideNibbles(codes, rows, bytes, target, offset);
        } else {
          nibbles(codes, rows, bytes, target, offset);
        }
      }
      case 2 -> pairs(codes, rows, bytes, target, offset);
      default -> singles(codes, rows, bytes, target, offset);
    }
  }

  private static void wideNibbles(
      byte[] codes, int rows, int bytes, MemorySegment target, long offset) {
    int row = 0;
    for (; row <= rows - 4; row += 4) {
      for (int i = 0; i < bytes; i += WIDE_LANES) {
        int from = row * 2 * bytes + i;
        long to = offset + (long) row * bytes + i;
        ByteVector p00 = ByteVector.fromArray(WIDE, codes, from);
        ByteVector p01 =
            ByteVector.fromArray(WIDE, codes, from + bytes)
                .reinterpretAsShorts()
                .lanewise(LSHL, 4)
                .reinterpretAsBytes();
        p00.or(p01).intoMemorySegment(target, to, ORDER);
        ByteVector p10 = ByteVector.fromArray(WIDE, codes, from + 2 * bytes);
        ByteVector p11 =
            ByteVector.fromArray(WIDE, codes, from + 3 * bytes)
                .reinterpretAsShorts()
                .lanewise(LSHL, 4)
                .reinterpretAsBytes();
        p10.or(p11).intoMemorySegment(target, to + bytes, ORDER);
        ByteVector p20 = ByteVector.fromArray(WIDE, codes, from + 4 * bytes);
        ByteVector p21 =
            ByteVector.fromArray(WIDE, codes, from + 5 * bytes)
                .reinterpretAsShorts()
                .lanewise(LSHL, 4)
                .reinterpretAsBytes();
        p20.or(p21).intoMemorySegment(target, to + 2L * bytes, ORDER);
        ByteVector p30 = ByteVector.fromArray(WIDE, codes, from + 6 * bytes);
        ByteVector p31 =
            ByteVector.fromArray(WIDE, codes, from + 7 * bytes)
                .reinterpretAsShorts()
                .lanewise(LSHL, 4)
                .reinterpretAsBytes();
        p30.or(p31).intoMemorySegment(target, to + 3L * bytes, ORDER);
      }
    }
    for (; row < rows; row++) {
      for (int i = 0; i < bytes; i += WIDE_LANES) {
        int from = row * 2 * bytes + i;
        long to = offset + (long) row * bytes + i;
        ByteVector p0 = ByteVector.fromArray(WIDE, codes, from);
        ByteVector p01 =
            ByteVector.fromArray(WIDE, codes, from + bytes)
                .reinterpretAsShorts()
                .lanewise(LSHL, 4)
                .reinterpretAsBytes();
        p0.or(p01).intoMemorySegment(target, to, ORDER);
      }
    }
  }

  private static void nibbles(
      byte[] codes, int rows, int bytes, MemorySegment target, long offset) {
    int row = 0;
    for (; row <= rows - 4; row += 4) {
      for (int i = 0; i < bytes; i += UNIT) {
        int from = row * 2 * bytes + i;
        long to = offset + (long) row * bytes + i;
        ByteVector p00 = ByteVector.fromArray(NARROW, codes, from);
        ByteVector p01 =
            ByteVector.fromArray(NARROW, codes, from + bytes)
                .reinterpretAsShorts()
                .lanewise(LSHL, 4)
                .reinterpretAsBytes();
        p00.or(p01).intoMemorySegment(target, to, ORDER);
        ByteVector p10 = ByteVector.fromArray(NARROW, codes, from + 2 * bytes);
        ByteVector p11 =
            ByteVector.fromArray(NARROW, codes, from + 3 * bytes)
                .reinterpretAsShorts()
                .lanewise(LSHL, 4)
                .reinterpretAsBytes();
        p10.or(p11).intoMemorySegment(target, to + bytes, ORDER);
        ByteVector p20 = ByteVector.fromArray(NARROW, codes, from + 4 * bytes);
        ByteVector p21 =
            ByteVector.fromArray(NARROW, codes, from + 5 * bytes)
                .reinterpretAsShorts()
                .lanewise(LSHL, 4)
                .reinterpretAsBytes();
        p20.or(p21).intoMemorySegment(target, to + 2L * bytes, ORDER);
        ByteVector p30 = ByteVector.fromArray(NARROW, codes, from + 6 * bytes);
        ByteVector p31 =
            ByteVector.fromArray(NARROW, codes, from + 7 * bytes)
                .reinterpretAsShorts()
                .lanewise(LSHL, 4)
                .reinterpretAsBytes();
        p30.or(p31).intoMemorySegment(target, to + 3L * bytes, ORDER);
      }
    }
    for (; row < rows; row++) {
      for (int i = 0; i < bytes; i += UNIT) {
        int from = row * 2 * bytes + i;
        long to = offset + (long) row * bytes + i;
        ByteVector p0 = ByteVector.fromArray(NARROW, codes, from);
        ByteVector p01 =
            ByteVector.fromArray(NARROW, codes, from + bytes)
                .reinterpretAsShorts()
                .lanewise(LSHL, 4)
                .reinterpretAsBytes();
        p0.or(p01).intoMemorySegment(target, to, ORDER);
      }
    }
  }

  private static void pairs(byte[] codes, int rows, int bytes, MemorySegment target, long offset) {
    int row = 0;
    for (; row <= rows - 2; row += 2) {
      for (int i = 0; i < bytes; i += UNIT) {
        int from = row * 4 * bytes + i;
        long to = offset + (long) row * bytes + i;
        ByteVector p00 = ByteVector.fromArray(NARROW, codes, from);
        ByteVector p01 =
            ByteVector.fromArray(NARROW, codes, from + bytes)
                .reinterpretAsShorts()
                .lanewise(LSHL, 2)
                .reinterpretAsBytes();
        ByteVector p02 =
            ByteVector.fromArray(NARROW, codes, from + 2 * bytes)
                .reinterpretAsShorts()
                .lanewise(LSHL, 4)
                .reinterpretAsBytes();
        ByteVector p03 =
            ByteVector.fromArray(NARROW, codes, from + 3 * bytes)
                .reinterpretAsShorts()
                .lanewise(LSHL, 6)
                .reinterpretAsBytes();
        p00.or(p01).or(p02.or(p03)).intoMemorySegment(target, to, ORDER);
        ByteVector p10 = ByteVector.fromArray(NARROW, codes, from + 4 * bytes);
        ByteVector p11 =
            ByteVector.fromArray(NARROW, codes, from + 5 * bytes)
                .reinterpretAsShorts()
                .lanewise(LSHL, 2)
                .reinterpretAsBytes();
        ByteVector p12 =
            ByteVector.fromArray(NARROW, codes, from + 6 * bytes)
                .reinterpretAsShorts()
                .lanewise(LSHL, 4)
                .reinterpretAsBytes();
        ByteVector p13 =
            ByteVector.fromArray(NARROW, codes, from + 7 * bytes)
                .reinterpretAsShorts()
                .lanewise(LSHL, 6)
                .reinterpretAsBytes();
        p10.or(p11).or(p12.or(p13)).intoMemorySegment(target, to + bytes, ORDER);
      }
    }
    for (; row < rows; row++) {
      for (int i = 0; i < bytes; i += UNIT) {
        int from = row * 4 * bytes + i;
        long to = offset + (long) row * bytes + i;
        ByteVector p0 = ByteVector.fromArray(NARROW, codes, from);
        ByteVector p01 =
            ByteVector.fromArray(NARROW, codes, from + bytes)
                .reinterpretAsShorts()
                .lanewise(LSHL, 2)
                .reinterpretAsBytes();
        ByteVector p02 =
            ByteVector.fromArray(NARROW, codes, from + 2 * bytes)
                .reinterpretAsShorts()
                .lanewise(LSHL, 4)
                .reinterpretAsBytes();
        ByteVector p03 =
            ByteVector.fromArray(NARROW, codes, from + 3 * bytes)
                .reinterpretAsShorts()
                .lanewise(LSHL, 6)
                .reinterpretAsBytes();
        p0.or(p01).or(p02.or(p03)).intoMemorySegment(target, to, ORDER);
      }
    }
  }

  private static void singles(
      byte[] codes, int rows, int bytes, MemorySegment target, long offset) {
    int row = 0;
    for (; row <= rows - 2; row += 2) {
      for (int i = 0; i < bytes; i += UNIT) {
        int from = row * 8 * bytes + i;
        long to = offset + (long) row * bytes + i;
        ByteVector p00 = ByteVector.fromArray(NARROW, codes, from);
        ByteVector p01 =
            ByteVector.fromArray(NARROW, codes, from + bytes)
                .reinterpretAsShorts()
                .lanewise(LSHL, 1)
                .reinterpretAsBytes();
        ByteVector p02 =
            ByteVector.fromArray(NARROW, codes, from + 2 * bytes)
                .reinterpretAsShorts()
                .lanewise(LSHL, 2)
                .reinterpretAsBytes();
        ByteVector p03 =
            ByteVector.fromArray(NARROW, codes, from + 3 * bytes)
                .reinterpretAsShorts()
                .lanewise(LSHL, 3)
                .reinterpretAsBytes();
        ByteVector p04 =
            ByteVector.fromArray(NARROW, codes, from + 4 * bytes)
                .reinterpretAsShorts()
                .lanewise(LSHL, 4)
                .reinterpretAsBytes();
        ByteVector p05 =
            ByteVector.fromArray(NARROW, codes, from + 5 * bytes)
                .reinterpretAsShorts()
                .lanewise(LSHL, 5)
                .reinterpretAsBytes();
        ByteVector p06 =
            ByteVector.fromArray(NARROW, codes, from + 6 * bytes)
                .reinterpretAsShorts()
                .lanewise(LSHL, 6)
                .reinterpretAsBytes();
        ByteVector p07 =
            ByteVector.fromArray(NARROW, codes, from + 7 * bytes)
                .reinterpretAsShorts()
                .lanewise(LSHL, 7)
                .reinterpretAsBytes();
        p00.or(p01)
            .or(p02.or(p03))
            .or(p04.or(p05).or(p06.or(p07)))
            .intoMemorySegment(target, to, ORDER);
        ByteVector p10 = ByteVector.fromArray(NARROW, codes, from + 8 * bytes);
        ByteVector p11 =
            ByteVector.fromArray(NARROW, codes, from + 9 * bytes)
                .reinterpretAsShorts()
                .lanewise(LSHL, 1)
                .reinterpretAsBytes();
        ByteVector p12 =
            ByteVector.fromArray(NARROW, codes, from + 10 * bytes)
                .reinterpretAsShorts()
                .lanewise(LSHL, 2)
                .reinterpretAsBytes();
        ByteVector p13 =
            ByteVector.fromArray(NARROW, codes, from + 11 * bytes)
                .reinterpretAsShorts()
                .lanewise(LSHL, 3)
                .reinterpretAsBytes();
        ByteVector p14 =
            ByteVector.fromArray(NARROW, codes, from + 12 * bytes)
                .reinterpretAsShorts()
                .lanewise(LSHL, 4)
                .reinterpretAsBytes();
        ByteVector p15 =
            ByteVector.fromArray(NARROW, codes, from + 13 * bytes)
                .reinterpretAsShorts()
                .lanewise(LSHL, 5)
                .reinterpretAsBytes();
        ByteVector p16 =
            ByteVector.fromArray(NARROW, codes, from + 14 * bytes)
                .reinterpretAsShorts()
                .lanewise(LSHL, 6)
                .reinterpretAsBytes();
        ByteVector p17 =
            ByteVector.fromArray(NARROW, codes, from + 15 * bytes)
                .reinterpretAsShorts()
                .lanewise(LSHL, 7)
                .reinterpretAsBytes();
        p10.or(p11)
            .or(p12.or(p13))
            .or(p14.or(p15).or(p16.or(p17)))
            .intoMemorySegment(target, to + bytes, ORDER);
      }
    }
    for (; row < rows; row++) {
      for (int i = 0; i < bytes; i += UNIT) {
        int from = row * 8 * bytes + i;
        long to = offset + (long) row * bytes + i;
        ByteVector p0 = ByteVector.fromArray(NARROW, codes, from);
        ByteVector p01 =
            ByteVector.fromArray(NARROW, codes, from + bytes)
                .reinterpretAsShorts()
                .lanewise(LSHL, 1)
                .reinterpretAsBytes();
        ByteVector p02 =
            ByteVector.fromArray(NARROW, codes, from + 2 * bytes)
                .reinterpretAsShorts()
                .lanewise(LSHL, 2)
                .reinterpretAsBytes();
        ByteVector p03 =
            ByteVector.fromArray(NARROW, codes, from + 3 * bytes)
                .reinterpretAsShorts()
                .lanewise(LSHL, 3)
                .reinterpretAsBytes();
        ByteVector p04 =
            ByteVector.fromArray(NARROW, codes, from + 4 * bytes)
                .reinterpretAsShorts()
                .lanewise(LSHL, 4)
                .reinterpretAsBytes();
        ByteVector p05 =
            ByteVector.fromArray(NARROW, codes, from + 5 * bytes)
                .reinterpretAsShorts()
                .lanewise(LSHL, 5)
                .reinterpretAsBytes();
        ByteVector p06 =
            ByteVector.fromArray(NARROW, codes, from + 6 * bytes)
                .reinterpretAsShorts()
                .lanewise(LSHL, 6)
                .reinterpretAsBytes();
        ByteVector p07 =
            ByteVector.fromArray(NARROW, codes, from + 7 * bytes)
                .reinterpretAsShorts()
                .lanewise(LSHL, 7)
                .reinterpretAsBytes();
        p0.or(p01)
            .or(p02.or(p03))
            .or(p04.or(p05).or(p06.or(p07)))
            .intoMemorySegment(target, to, ORDER);
      }
    }
  }
}
