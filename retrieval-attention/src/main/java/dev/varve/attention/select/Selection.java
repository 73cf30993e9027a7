package dev.varve.attention.select;

import java.util.BitSet;

/**
 * Which tokens one layer reads at one step: one set for all heads, or one for each KV head. A
 * selector owns it and fills it anew at each step; positions ascend and lie below {@link #tokens}.
 */
public final class Selection implements RowSets {

  /** How a selection came about. */
  public enum Origin {
    /** All visible tokens: there were no more than may be read. */
    WHOLE,
    /** The index was asked. */
    LOOKED_UP,
    /** The picks of an earlier step served again. */
    REUSED
  }

  private final boolean shared;
  private final BitSet[] sets;
  private Origin origin = Origin.WHOLE;
  private int tokens;
  private long bytesScored;

  Selection(boolean shared, int kvHeads) {
    this.shared = shared;
    this.sets = new BitSet[shared ? 1 : kvHeads];
    for (int i = 0; i < sets.length; i++) {
      sets[i] = new BitSet();
    }
  }

  /** Empty sets for a step that sees {@code tokens} tokens. */
  void begin(int tokens, Origin origin, long bytesScored) {
    this.tokens = tokens;
    this.origin = origin;
    this.bytesScored = bytesScored;
    for (BitSet set : sets) {
      set.clear();
    }
  }

  /** Whether one set serves all heads. */
  public boolean shared() {
    return shared;
  }

  /** How many sets there are: 1, or the KV heads. */
  @Override
  public int groups() {
    return sets.length;
  }

  /** The set that {@code kvHead} reads, live until the selector's next step. */
  @Override
  public BitSet set(int kvHead) {
    return sets[shared ? 0 : kvHead];
  }

  /** The positions that {@code kvHead} reads, ascending, in a new array. */
  public int[] positions(int kvHead) {
    return set(kvHead).stream().toArray();
  }

  /** How many tokens {@code kvHead} reads. */
  public int count(int kvHead) {
    return set(kvHead).cardinality();
  }

  /** Tokens that the step's last query sees. */
  public int tokens() {
    return tokens;
  }

  /** How it came about. */
  public Origin origin() {
    return origin;
  }

  /** Bytes of summaries or keys that were read to choose. */
  public long bytesScored() {
    return bytesScored;
  }
}
