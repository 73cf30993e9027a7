package dev.varve.offload.replacement;

/** The columns of {@link #SLOTS} slots of {@link ChunkSlots}, 27 bytes each. */
final class SlotPage {

  static final int BITS = 10;
  static final int SLOTS = 1 << BITS;
  static final int MASK = SLOTS - 1;

  final long[] name = new long[SLOTS];
  final int[] parent = new int[SLOTS];

  /** Children that are present; of a leaf the complement of its place among the leaves. */
  final int[] children = new int[SLOTS];

  /** Of a slot with children the one tied last; else of no meaning. */
  final int[] latestChild = new int[SLOTS];

  final int[] touched = new int[SLOTS];
  final short[] reuseClass = new short[SLOTS];

  /** Below 0 while the chunk is present; the lower seven bits count. */
  final byte[] hits = new byte[SLOTS];
}
