package dev.varve.compression.entropy;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Symbols of many kinds. */
final class Sources {
  /** Counts that leave every kind of remainder in rounds of 1, 8 and 64. */
  static final List<Integer> SIZES =
      List.of(0, 1, 2, 7, 8, 9, 63, 64, 65, 127, 128, 1000, 4096, 20_000);

  private Sources() {}

  enum Kind {
    UNIFORM_256,
    UNIFORM_16,
    ONE_SYMBOL,
    MOSTLY_ONE,
    GAUSSIAN_16,
    LAPLACE_32,
    EXPONENTS,
    SKEWED_256,
    THIRTY_THREE
  }

  static byte[] make(Kind kind, int count, SplittableRandom random) {
    byte[] symbols = new byte[count];
    for (int i = 0; i < count; i++) {
      symbols[i] =
          (byte)
              switch (kind) {
                case UNIFORM_256 -> random.nextInt(256);
                case UNIFORM_16 -> random.nextInt(16);
                case ONE_SYMBOL -> 200;
                case MOSTLY_ONE -> random.nextInt(300) == 0 ? 1 + random.nextInt(255) : 0;
                case GAUSSIAN_16 -> clamp(random.nextGaussian() * 2.2 + 8, 15);
                case LAPLACE_32 -> clamp(16.5 + laplace(random) * 2, 31);
                case EXPONENTS -> exponent((float) random.nextGaussian());
                case SKEWED_256 -> (int) (255 * Math.pow(random.nextDouble(), 6));
                case THIRTY_THREE -> random.nextInt(33) * 7;
              };
    }
    return symbols;
  }

  static int exponent(float value) {
    return (Float.floatToRawIntBits(value) >>> 23) & 0xff;
  }

  /** Every symbol at least once, then mostly one. */
  static byte[] all256(int count) {
    byte[] symbols = new byte[count];
    Arrays.fill(symbols, (byte) 9);
    for (int i = 0; i < 256; i++) {
      symbols[i] = (byte) i;
    }
    return symbols;
  }

  private static double laplace(SplittableRandom random) {
    double u = random.nextDouble() - 0.5;
    return -Math.signum(u) * Math.log(1 - 2 * Math.abs(u));
  }

  private static int clamp(double value, int most) {
    return Math.max(0, Math.min(most, (int) Math.floor(value)));
  }
}
