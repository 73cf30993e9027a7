package dev.varve.compression.quantize;

import dev.varve.store.kernel.KnownMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Rows of codes of 4, 2 and 1 bits between bytes and native memory, eight packed bytes at a time in
 * a word. Codes are small, so that what is shifted never leaves its byte.
 */
final class PackedWords {
  private static final VarHandle WORD =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong STORED =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final long NIBBLES = 0x0f0f0f0f0f0f0f0fL;
  private static final long PAIRS = 0x0303030303030303L;
  private static final long SINGLES = 0x0101010101010101L;

  /** What the length of a packed row has to be a multiple of. */
  static final int UNIT = Long.BYTES;

  private PackedWords() {}

  /** See {@link QuantizeKernel#packRows}; {@code bytes} is the length of a packed row. */
  static void pack(byte[] codes, int rows, int bits, int bytes, MemorySegment target, long offset) {
    for (int row = 0; row < rows; row++) {
      int from = row * Byte.SIZE / bits * bytes;
      long to = offset + (long) row * bytes;
      switch (bits) {
        case 4 -> packNibbles(codes, from, bytes, target, to);
        case 2 -> packPairs(codes, from, bytes, target, to);
        default -> packSingles(codes, from, bytes, target, to);
      }
    }
  }

  private static void packNibbles(
      byte[] codes, int from, int bytes, MemorySegment memory, long to) {
    MemorySegment target = KnownMemory.offHeap(memory);
    for (int i = 0; i < bytes; i += UNIT) {
      int at = from + i;
      target.set(STORED, to + i, word(codes, at) | word(codes, at + bytes) << 4);
    }
  }

  private static void packPairs(byte[] codes, int from, int bytes, MemorySegment memory, long to) {
    MemorySegment target = KnownMemory.offHeap(memory);
    for (int i = 0; i < bytes; i += UNIT) {
      int at = from + i;
      long low = word(codes, at) | word(codes, at + bytes) << 2;
      long high = word(codes, at + 2 * bytes) << 4 | word(codes, at + 3 * bytes) << 6;
      target.set(STORED, to + i, low | high);
    }
  }

  private static void packSingles(
      byte[] codes, int from, int bytes, MemorySegment memory, long to) {
    MemorySegment target = KnownMemory.offHeap(memory);
    for (int i = 0; i < bytes; i += UNIT) {
      long word = 0;
      for (int plane = 0; plane < Byte.SIZE; plane++) {
        word |= word(codes, from + i + plane * bytes) << plane;
      }
      target.set(STORED, to + i, word);
    }
  }

  /** See {@link QuantizeKernel#unpackRows}; {@code bytes} is the length of a packed row. */
  static void unpack(
      MemorySegment source, long offset, int rows, int bits, int bytes, byte[] codes) {
    for (int row = 0; row < rows; row++) {
      long from = offset + (long) row * bytes;
      int to = row * Byte.SIZE / bits * bytes;
      switch (bits) {
        case 4 -> unpackNibbles(source, from, bytes, codes, to);
        case 2 -> unpackPairs(source, from, bytes, codes, to);
        default -> unpackSingles(source, from, bytes, codes, to);
      }
    }
  }

  private static void unpackNibbles(
      MemorySegment memory, long from, int bytes, byte[] codes, int to) {
    MemorySegment source = KnownMemory.offHeap(memory);
    for (int i = 0; i < bytes; i += UNIT) {
      long word = source.get(STORED, from + i);
      WORD.set(codes, to + i, word & NIBBLES);
      WORD.set(codes, to + i + bytes, word >>> 4 & NIBBLES);
    }
  }

  private static void unpackPairs(
      MemorySegment memory, long from, int bytes, byte[] codes, int to) {
    MemorySegment source = KnownMemory.offHeap(memory);
    for (int i = 0; i < bytes; i += UNIT) {
      long word = source.get(STORED, from + i);
      int at = to + i;
      WORD.set(codes, at, word & PAIRS);
      WORD.set(codes, at + bytes, word >>> 2 & PAIRS);
      WORD.set(codes, at + 2 * bytes, word >>> 4 & PAIRS);
      WORD.set(codes, at + 3 * bytes, word >>> 6 & PAIRS);
    }
  }

  private static void unpackSingles(
      MemorySegment memory, long from, int bytes, byte[] codes, int to) {
    MemorySegment source = KnownMemory.offHeap(memory);
    for (int i = 0; i < bytes; i += UNIT) {
      long word = source.get(STORED, from + i);
      for (int plane = 0; plane < Byte.SIZE; plane++) {
        WORD.set(codes, to + i + plane * bytes, word >>> plane & SINGLES);
      }
    }
  }

  private static long word(byte[] codes, int at) {
    return (long) WORD.get(codes, at);
  }
}
