package dev.varve.cli.bench;

/** A way to write blocks of keys and values approximately. For one thread at a time. */
interface KvCoding {

  /** The name in reports. */
  String name();

  /**
   * Writes one block of a layer and puts in its place what is read again. Blocks of a layer come in
   * the order of their tokens.
   *
   * @param keys {@code [heads][tokens][dim]}
   * @param values {@code [heads][tokens][dim]}
   */
  void pass(int layer, float[] keys, float[] values);

  /** Bits for each element of all blocks so far. */
  double bitsPerValue();

  /** Bits that tables add to it which are kept apart from the blocks. */
  default double tableBitsPerValue() {
    return 0;
  }
}
