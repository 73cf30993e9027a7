package dev.varve.sdk.internal.memory;

import java.util.Arrays;

/**
 * Attention that the rows of one KV head have received, summed over queries, apart for each query
 * head of the group. A step's attention is written aside and counts once the step is committed. For
 * one thread at a time; allocates only when it grows.
 */
public final class HeadSums {

  private final int group;
  private int capacity;
  private float[] sums = {};
  private float[] next = {};
  private boolean pending;

  HeadSums(int group) {
    this.group = group;
  }

  /** Query heads of the group. */
  public int group() {
    return group;
  }

  /** Makes room for {@code rows} rows. */
  void reserve(int rows) {
    if (rows > capacity) {
      int larger = Math.max(rows, capacity + capacity / 2);
      sums = widened(sums, larger);
      next = new float[group * larger];
      capacity = larger;
    }
  }

  private float[] widened(float[] from, int wider) {
    float[] to = new float[group * wider];
    for (int g = 0; g < group; g++) {
      System.arraycopy(from, g * capacity, to, g * wider, capacity);
    }
    return to;
  }

  /** What row {@code row} got from query head {@code g} of the group. */
  public float get(int row, int g) {
    return row < capacity ? sums[g * capacity + row] : 0;
  }

  /** What row {@code row} got from the whole group. */
  float total(int row) {
    float total = 0;
    for (int g = 0; g < group; g++) {
      total += get(row, g);
    }
    return total;
  }

  void set(int row, int g, float sum) {
    sums[g * capacity + row] = sum;
  }

  /**
   * Begins a step: what {@code committed} rows have is multiplied by {@code factor}, the rows
   * behind them up to {@code rows} have nothing yet.
   */
  void begin(int committed, int rows, float factor) {
    reserve(rows);
    for (int g = 0; g < group; g++) {
      int at = g * capacity;
      for (int row = 0; row < committed; row++) {
        next[at + row] = factor * sums[at + row];
      }
      Arrays.fill(next, at + committed, at + rows, 0f);
    }
    pending = true;
  }

  /** Adds {@code factor} times {@code count} shares to the rows from {@code row} on. */
  void add(int g, int row, float[] shares, int from, int count, float factor) {
    int at = g * capacity + row;
    for (int i = 0; i < count; i++) {
      next[at + i] += factor * shares[from + i];
    }
  }

  /** Makes the step count; returns whether it had brought attention. */
  boolean commit(int committed, int rows) {
    boolean followed = pending;
    if (pending) {
      float[] before = sums;
      sums = next;
      next = before;
      pending = false;
    } else {
      reserve(rows);
      for (int g = 0; g < group; g++) {
        Arrays.fill(sums, g * capacity + committed, g * capacity + rows, 0f);
      }
    }
    return followed;
  }

  void abort() {
    pending = false;
  }

  /** Closes the gap that row {@code row} of {@code rows} leaves. */
  void remove(int row, int rows) {
    for (int g = 0; g < group; g++) {
      int at = g * capacity + row;
      System.arraycopy(sums, at + 1, sums, at, rows - row - 1);
    }
  }

  HeadSums copy() {
    HeadSums copy = new HeadSums(group);
    copy.capacity = capacity;
    copy.sums = sums.clone();
    copy.next = new float[next.length];
    return copy;
  }
}
