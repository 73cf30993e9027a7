package dev.varve.cli.pack;

/** What a payload takes in a container, with all that is written around it. */
final class StoredSize {

  /** Records begin at multiples of it. */
  static final int ALIGNMENT = 64;

  private static final int RECORD_HEADER = 64;
  private static final int INDEX_ENTRY = 40;

  private StoredSize() {}

  /** Bytes of a block with its record header, its padding and its place in the index. */
  static long ofBlock(long payload) {
    return (RECORD_HEADER + payload + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT + INDEX_ENTRY;
  }
}
