package dev.varve.offload.replacement;

import java.util.Arrays;

/**
 * A map from 64-bit names to numbers of at least 0: open addressing with linear probing, at most
 * five eighths full, no allocation except when it grows. A removal closes the gap it leaves.
 */
final class LongTable {

  /** What {@link #get} says of a name that is not here. */
  static final int ABSENT = -1;

  private long[] names = new long[64];
  private int[] numbers = new int[64];
  private int size;

  LongTable() {
    Arrays.fill(numbers, ABSENT);
  }

  int size() {
    return size;
  }

  int get(long name) {
    return numbers[place(name)];
  }

  /** Enters a name or changes its number; returns the one before, {@link #ABSENT} if none. */
  int put(long name, int number) {
    int place = place(name);
    int before = numbers[place];
    if (before == ABSENT) {
      if (8L * (size + 1) > 5L * names.length) {
        grow();
        place = place(name);
      }
      size++;
      names[place] = name;
    }
    numbers[place] = number;
    return before;
  }

  void remove(long name) {
    int hole = place(name);
    if (numbers[hole] == ABSENT) {
      return;
    }
    size--;
    int mask = names.length - 1;
    for (int at = (hole + 1) & mask; numbers[at] != ABSENT; at = (at + 1) & mask) {
      int home = home(names[at], mask);
      if (((at - home) & mask) >= ((at - hole) & mask)) {
        names[hole] = names[at];
        numbers[hole] = numbers[at];
        hole = at;
      }
    }
    numbers[hole] = ABSENT;
  }

  /** Where {@code name} is, or the empty place where it would go. */
  private int place(long name) {
    int mask = names.length - 1;
    int at = home(name, mask);
    while (numbers[at] != ABSENT && names[at] != name) {
      at = (at + 1) & mask;
    }
    return at;
  }

  private static int home(long name, int mask) {
    long mixed = name * 0x9E3779B97F4A7C15L;
    return (int) (mixed ^ (mixed >>> 32)) & mask;
  }

  private void grow() {
    long[] oldNames = names;
    int[] oldNumbers = numbers;
    names = new long[2 * oldNames.length];
    numbers = new int[names.length];
    Arrays.fill(numbers, ABSENT);
    for (int i = 0; i < oldNames.length; i++) {
      if (oldNumbers[i] != ABSENT) {
        int place = place(oldNames[i]);
        names[place] = oldNames[i];
        numbers[place] = oldNumbers[i];
      }
    }
  }
}
