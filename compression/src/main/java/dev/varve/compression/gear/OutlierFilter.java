package dev.varve.compression.gear;

import java.util.Arrays;

/**
 * Picks the smallest and the largest entries of a vector and puts the mean of the others in their
 * place, so that they do not widen the quantizer's range. Among equal entries the first are picked.
 * For one thread at a time.
 */
public final class OutlierFilter {
  private final int perSide;
  private final int[] best;
  private final boolean[] marked;
  private final int[] places;
  private final float[] entries;

  /** For vectors of up to {@code length} entries, of which {@code perSide} go at either end. */
  public OutlierFilter(int length, int perSide) {
    this.perSide = perSide;
    this.best = new int[perSide];
    this.marked = new boolean[length];
    this.places = new int[2 * perSide];
    this.entries = new float[2 * perSide];
  }

  /** Places of what was picked, ascending; not a copy. */
  public int[] places() {
    return places;
  }

  /** What was picked, in the order of {@link #places}. */
  public float[] entries() {
    return entries;
  }

  /** Filters {@code length >= 2 * perSide} entries of {@code vector} in place. */
  public void filter(float[] vector, int length) {
    Arrays.fill(marked, 0, length, false);
    pick(vector, length, 1);
    pick(vector, length, -1);
    double sum = 0;
    for (int i = 0; i < length; i++) {
      sum += marked[i] ? 0 : vector[i];
    }
    float mean = (float) (sum / Math.max(1, length - 2 * perSide));
    int found = 0;
    for (int i = 0; i < length; i++) {
      if (marked[i]) {
        places[found] = i;
        entries[found++] = vector[i];
        vector[i] = mean;
      }
    }
  }

  /** Marks the {@code perSide} smallest of {@code sign * vector[i]} that are not marked yet. */
  private void pick(float[] vector, int length, int sign) {
    int held = 0;
    for (int i = 0; i < length; i++) {
      if (marked[i] || (held == perSide && !below(vector, i, best[held - 1], sign))) {
        continue;
      }
      int at = held < perSide ? held++ : held - 1;
      while (at > 0 && below(vector, i, best[at - 1], sign)) {
        best[at] = best[at - 1];
        at--;
      }
      best[at] = i;
    }
    for (int k = 0; k < held; k++) {
      marked[best[k]] = true;
    }
  }

  private static boolean below(float[] vector, int i, int other, int sign) {
    return sign * vector[i] < sign * vector[other];
  }
}
