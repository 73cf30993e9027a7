package dev.varve.store;

/** Distance of a block, nearest first. */
public enum Tier {
  /** Memory that attention reads: native memory, or HBM where there is a GPU. */
  HOT(1),
  /** Host memory in Chronicle Map. */
  HOST(2),
  /** Segment files with an LMDB index. */
  SSD(4),
  /** A shared Valkey or Redis. */
  REMOTE(8);

  private final int bit;

  Tier(int bit) {
    this.bit = bit;
  }

  /** This tier as one bit of a residence word. */
  public int bit() {
    return bit;
  }
}
