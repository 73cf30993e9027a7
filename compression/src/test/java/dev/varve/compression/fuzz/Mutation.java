package dev.varve.compression.fuzz;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Random damage: flips, strange numbers, cuts, splices, swapped pieces. */
final class Mutation {
  private static final long[] STRANGE = {
    0,
    1,
    2,
    7,
    8,
    63,
    64,
    127,
    128,
    255,
    256,
    4095,
    4096,
    65535,
    65536,
    -1,
    -2,
    -8,
    -64,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    0xffff_ffffL,
    1L << 32,
    1L << 30,
    (1L << 30) + 1,
    1L << 40,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    Long.MAX_VALUE - 63
  };

  private Mutation() {}

  /** A damaged copy of {@code input}; pieces of {@code other} may come into it. */
  static byte[] of(byte[] input, byte[] other, SplittableRandom random) {
    byte[] bytes = input.clone();
    int changes = random.nextInt(4) == 0 ? random.nextInt(1, 40) : random.nextInt(1, 4);
    for (int i = 0; i < changes; i++) {
      bytes = once(bytes, other, random);
    }
    return bytes;
  }

  private static byte[] once(byte[] bytes, byte[] other, SplittableRandom random) {
    if (bytes.length == 0) {
      return other.clone();
    }
    int at = place(bytes.length, random);
    switch (random.nextInt(16)) {
      case 0 -> {
        return Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
      }
      case 1 -> {
        byte[] longer = Arrays.copyOf(bytes, bytes.length + random.nextInt(1, 200));
        Arrays.fill(longer, bytes.length, longer.length, (byte) random.nextInt(3));
        return longer;
      }
      case 2 -> {
        return without(bytes, at, random.nextInt(1, 1 + Math.min(200, bytes.length - at)));
      }
      case 3 -> splice(bytes, at, other, random);
      case 4 -> splice(bytes, at, bytes.clone(), random);
      case 5, 6 -> swap(bytes, at, place(bytes.length, random), 1 << random.nextInt(4));
      case 7, 8, 9, 10 -> number(bytes, at, random);
      case 11 -> bytes[at] = (byte) random.nextInt();
      default -> bytes[at] ^= (byte) (1 << random.nextInt(8));
    }
    return bytes;
  }

  /** Mostly near the ends, where the numbers are, and at multiples of two. */
  private static int place(int length, SplittableRandom random) {
    int near = Math.min(length, 160);
    int at =
        switch (random.nextInt(4)) {
          case 0 -> random.nextInt(near);
          case 1 -> length - 1 - random.nextInt(near);
          default -> random.nextInt(length);
        };
    return random.nextBoolean() ? at & ~1 : at;
  }

  private static void number(byte[] bytes, int at, SplittableRandom random) {
    int width = 1 << random.nextInt(4);
    long old = 0;
    for (int i = 0; i < width && at + i < bytes.length; i++) {
      old |= (bytes[at + i] & 0xffL) << (8 * i);
    }
    long number =
        switch (random.nextInt(4)) {
          case 0 -> old + random.nextInt(-3, 4);
          case 1 -> old * 2;
          default -> STRANGE[random.nextInt(STRANGE.length)];
        };
    for (int i = 0; i < width && at + i < bytes.length; i++) {
      bytes[at + i] = (byte) (number >>> (8 * i));
    }
  }

  private static void splice(byte[] bytes, int at, byte[] other, SplittableRandom random) {
    if (other.length == 0) {
      return;
    }
    int from = random.nextInt(other.length);
    int most = Math.min(other.length - from, bytes.length - at);
    System.arraycopy(other, from, bytes, at, random.nextInt(Math.min(most, 300) + 1));
  }

  private static void swap(byte[] bytes, int one, int two, int width) {
    for (int i = 0; i < width && Math.max(one, two) + i < bytes.length; i++) {
      byte old = bytes[one + i];
      bytes[one + i] = bytes[two + i];
      bytes[two + i] = old;
    }
  }

  private static byte[] without(byte[] bytes, int at, int count) {
    byte[] shorter = Arrays.copyOf(bytes, bytes.length - count);
    System.arraycopy(bytes, at + count, shorter, at, shorter.length - at);
    return shorter;
  }
}
