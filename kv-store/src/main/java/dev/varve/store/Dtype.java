package dev.varve.store;

/** Element type in which keys and values are stored. The id is stored in files and never reused. */
public enum Dtype {
  /** IEEE 754 binary32. */
  F32(0, Float.BYTES),
  /** IEEE 754 binary16. */
  F16(1, Short.BYTES),
  /** The upper half of a binary32. */
  BF16(2, Short.BYTES);

  private final int id;
  private final int bytes;

  Dtype(int id, int bytes) {
    this.id = id;
    this.bytes = bytes;
  }

  /** The stored number. */
  public int id() {
    return id;
  }

  /** Size of one element in bytes. */
  public int bytes() {
    return bytes;
  }
}
