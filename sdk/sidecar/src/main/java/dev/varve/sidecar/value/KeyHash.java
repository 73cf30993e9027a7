package dev.varve.sidecar.value;

/** The place of a key in walks: 63 bits, so that it fits a cursor, and never 0. */
public final class KeyHash {

  private static final long PRIME = 0x100000001b3L;

  private KeyHash() {}

  /** FNV-1a, then the finaliser of MurmurHash3 so that near keys lie far apart. */
  public static long of(byte[] key) {
    long hash = 0xcbf29ce484222325L;
    for (byte value : key) {
      hash = (hash ^ value & 0xff) * PRIME;
    }
    hash = (hash ^ hash >>> 33) * 0xff51afd7ed558ccdL;
    hash = (hash ^ hash >>> 33) * 0xc4ceb9fe1a85ec53L;
    return Math.max(1, (hash ^ hash >>> 33) >>> 1);
  }
}
