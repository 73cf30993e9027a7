package dev.varve.eviction.merge;

import dev.varve.eviction.keep.MergedSlot;

/**
 * The compensation token of one head while tokens leave its buffer one by one: sums, not averages,
 * so that nothing drifts. Folding one by one or all at once gives the same. Belongs to one session;
 * for one thread.
 */
public final class CompensationToken {
  private final double[] keys;
  private final double[] values;
  private int count;

  public CompensationToken(int keyDim, int valueDim) {
    this.keys = new double[keyDim];
    this.values = new double[valueDim];
  }

  /** Adds row {@code k} of {@code keyRows} and row {@code v} of {@code valueRows}. */
  public void fold(float[] keyRows, int k, float[] valueRows, int v) {
    for (int c = 0; c < keys.length; c++) {
      keys[c] += keyRows[k * keys.length + c];
    }
    for (int c = 0; c < values.length; c++) {
      values[c] += valueRows[v * values.length + c];
    }
    count++;
  }

  /** Tokens folded in so far. */
  public int count() {
    return count;
  }

  /** Writes the average key and value; needs one token at least. Allocates nothing. */
  public void write(float[] key, float[] value) {
    requireTokens();
    for (int c = 0; c < keys.length; c++) {
      key[c] = (float) (keys[c] / count);
    }
    for (int c = 0; c < values.length; c++) {
      value[c] = (float) (values[c] / count);
    }
  }

  /** The slot so far; {@code weighted} says whether it counts as often as tokens are in it. */
  public MergedSlot slot(boolean weighted) {
    float[] key = new float[keys.length];
    float[] value = new float[values.length];
    write(key, value);
    return new MergedSlot(MergedSlot.EXTRA, key, value, count, weighted ? count : 1);
  }

  private void requireTokens() {
    if (count == 0) {
      throw new IllegalStateException("no token has been folded in yet");
    }
  }
}
