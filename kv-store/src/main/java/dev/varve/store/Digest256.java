package dev.varve.store;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A 256-bit digest, SHA-256 unless said otherwise, as four big-endian words. */
public record Digest256(long first, long second, long third, long fourth) {

  /** Bytes of the whole value. */
  public static final int BYTES = 32;

  private static final ValueLayout.OfLong WORD =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final VarHandle WORDS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  /** Reads the 32 bytes at {@code offset}. */
  public static Digest256 read(MemorySegment source, long offset) {
    return new Digest256(
        source.get(WORD, offset),
        source.get(WORD, offset + 8),
        source.get(WORD, offset + 16),
        source.get(WORD, offset + 24));
  }

  /** Ends {@code digest} and returns its value. */
  public static Digest256 finish(MessageDigest digest) {
    return of(digest.digest());
  }

  /** Reads the first 32 bytes of an array. */
  public static Digest256 of(byte[] bytes) {
    return new Digest256(
        (long) WORDS.get(bytes, 0),
        (long) WORDS.get(bytes, 8),
        (long) WORDS.get(bytes, 16),
        (long) WORDS.get(bytes, 24));
  }

  /** Writes all 32 bytes to the front of an array. */
  public void write(byte[] target) {
    WORDS.set(target, 0, first);
    WORDS.set(target, 8, second);
    WORDS.set(target, 16, third);
    WORDS.set(target, 24, fourth);
  }

  /** A fresh SHA-256. */
  public static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK has no SHA-256, which every Java platform must", e);
    }
  }

  /** Writes all 32 bytes at {@code offset}. */
  public void write(MemorySegment target, long offset) {
    writePrefix(target, offset);
    target.set(WORD, offset + 16, third);
    target.set(WORD, offset + 24, fourth);
  }

  /** Writes the first 16 bytes at {@code offset}. */
  public void writePrefix(MemorySegment target, long offset) {
    target.set(WORD, offset, first);
    target.set(WORD, offset + 8, second);
  }

  /** All 32 bytes in a new array. */
  public byte[] toBytes() {
    byte[] bytes = new byte[BYTES];
    write(bytes);
    return bytes;
  }

  /** The first eight bytes in hexadecimal: enough for a log line. */
  public String shortHex() {
    return HexFormat.of().toHexDigits(first);
  }

  @Override
  public String toString() {
    return HexFormat.of().formatHex(toBytes());
  }
}
