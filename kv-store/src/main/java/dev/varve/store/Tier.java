package dev.varve.store;

/** Distance of a block, nearest first. The order is part of the packed residence word. */
public enum Tier {
  /** Memory that attention reads: native memory, or HBM where there is a GPU. */
  HOT,
  /** Host memory in Chronicle Map. */
  HOST,
  /** Segment files with an LMDB index. */
  SSD,
  /** A shared Valkey or Redis. */
  REMOTE;

  /** This tier as one bit. */
  public int bit() {
    return 1 << ordinal();
  }
}
