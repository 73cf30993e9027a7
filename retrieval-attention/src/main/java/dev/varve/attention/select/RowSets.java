package dev.varve.attention.select;

import java.util.BitSet;

/** Positions for every KV head of a layer: one set for all of them, or one for each. */
public interface RowSets {

  /** How many sets there are: 1, or the KV heads. */
  int groups();

  /** The set of {@code kvHead}. */
  BitSet set(int kvHead);
}
