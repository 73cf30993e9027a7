package dev.varve.sdk.internal.reading;

import dev.varve.attention.select.RowSets;
import dev.varve.sdk.internal.memory.RowSource;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * What every KV head of a layer reads of the tokens that its session parked: what was chosen, less
 * what the head kept anyway. Reused from look to look; allocates only while it grows. For one
 * thread at a time.
 */
final class ParkedChoice implements RowSets {

  private BitSet[] sets = {};
  private int heads;
  private long forgotten;

  /**
   * Chooses.
   *
   * @param chosen positions; null for all
   * @param kept the rows that the session holds
   * @param layer that stores them
   * @param kvHeads its heads
   * @param tokens that are parked, from the first on
   */
  void set(@Nullable RowSets chosen, RowSource kept, int layer, int kvHeads, int tokens) {
    grow(kvHeads);
    heads = kvHeads;
    forgotten = 0;
    for (int head = 0; head < kvHeads; head++) {
      BitSet set = sets[head];
      set.clear();
      if (chosen == null) {
        set.set(0, tokens);
      } else {
        set.or(chosen.set(head));
        set.clear(tokens, Math.max(tokens, set.length()));
      }
      int rows = kept.rows(layer, head);
      int row = 0;
      for (int at; row < rows && (at = kept.position(layer, head, row)) < tokens; row++) {
        set.clear(at);
      }
      kept.clearCoded(layer, set);
      forgotten += tokens - row;
    }
  }

  private void grow(int kvHeads) {
    if (sets.length < kvHeads) {
      sets = new BitSet[kvHeads];
      for (int head = 0; head < kvHeads; head++) {
        sets[head] = new BitSet();
      }
    }
  }

  /** Parked rows that the heads did not keep. */
  long forgotten() {
    return forgotten;
  }

  @Override
  public int groups() {
    return heads;
  }

  @Override
  public BitSet set(int kvHead) {
    return sets[kvHead];
  }
}
