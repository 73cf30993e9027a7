package dev.varve.cli.bench;

import java.util.SplittableRandom;

/** Symbols as quantizers make them, one to a byte. */
final class SymbolSets {
  /** Symbols of a set. */
  static final int COUNT = 1 << 20;

  private static final long SEED = 20_240_611;

  private SymbolSets() {}

  /** Normal values in 16 levels, 2.2 levels to a standard deviation. */
  static byte[] gaussian16() {
    SplittableRandom random = new SplittableRandom(SEED);
    return fill(() -> level(8 + 2.2 * random.nextGaussian(), 15));
  }

  /** Laplace values in 32 levels, 2 levels to the scale. */
  static byte[] laplace32() {
    SplittableRandom random = new SplittableRandom(SEED);
    return fill(() -> {
      double u = random.nextDouble() - 0.5;
      return level(16.5 - 2 * Math.signum(u) * Math.log(1 - 2 * Math.abs(u)), 31);
    });
  }

  /** Exponents of normal values. */
  static byte[] exponents() {
    SplittableRandom random = new SplittableRandom(SEED);
    return fill(() -> Float.floatToRawIntBits((float) random.nextGaussian()) >>> 23);
  }

  private interface Draw {
    int next();
  }

  private static byte[] fill(Draw draw) {
    byte[] symbols = new byte[COUNT];
    for (int i = 0; i < COUNT; i++) {
      symbols[i] = (byte) draw.next();
    }
    return symbols;
  }

  private static int level(double value, int most) {
    return (int) Math.max(0, Math.min(most, Math.floor(value)));
  }
}
