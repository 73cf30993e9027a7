package dev.varve.store;

import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Sets of layers by small numbers: which layers of a resting chunk some tier holds. A model has one
 * such set as a rule, all layers that store blocks. Thread-safe.
 */
final class LayerPatterns {

  /** No number is left. */
  static final int NONE = -1;

  private final List<BitSet> patterns = new CopyOnWriteArrayList<>();

  /** The number of a set, or {@link #NONE}. */
  int number(BitSet layers) {
    int number = patterns.indexOf(layers);
    return number >= 0 ? number : add(layers);
  }

  private synchronized int add(BitSet layers) {
    int number = patterns.indexOf(layers);
    if (number >= 0 || patterns.size() > RestingWord.MAX_PATTERN) {
      return number;
    }
    patterns.add((BitSet) layers.clone());
    return patterns.size() - 1;
  }

  boolean has(int number, int layer) {
    return patterns.get(number).get(layer);
  }
}
