package dev.varve.sidecar.handover;

import java.util.Comparator;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which ranges of a memory file are free: the smallest that fits is taken, neighbours that are
 * given back join. Ranges begin and end at pages. For one thread at a time.
 */
final class Slab {

  /** Ranges are multiples of this. */
  static final long PAGE = 4096;

  private record Range(long offset, long length) {}

  private final NavigableMap<Long, Range> byOffset = new TreeMap<>();
  private final NavigableSet<Range> byLength =
      new TreeSet<>(Comparator.comparingLong(Range::length).thenComparingLong(Range::offset));
  private long free;

  /** All of {@code bytes}, a multiple of {@link #PAGE}, are free. */
  Slab(long bytes) {
    add(new Range(0, bytes));
    free = bytes;
  }

  /** What a value of {@code bytes} takes. */
  static long rounded(long bytes) {
    return Math.max(1, Math.ceilDiv(bytes, PAGE)) * PAGE;
  }

  /** Bytes that are free, in whatever pieces. */
  long free() {
    return free;
  }

  /** Takes a range for {@code bytes}; empty if no free one is as long. */
  OptionalLong take(long bytes) {
    long length = rounded(bytes);
    Range found = byLength.ceiling(new Range(0, length));
    if (found == null) {
      return OptionalLong.empty();
    }
    remove(found);
    if (found.length > length) {
      add(new Range(found.offset + length, found.length - length));
    }
    free -= length;
    return OptionalLong.of(found.offset);
  }

  /** Gives back what was taken for {@code bytes} at {@code offset}. */
  void give(long offset, long bytes) {
    Range range = new Range(offset, rounded(bytes));
    free += range.length;
    Map.Entry<Long, Range> before = byOffset.floorEntry(offset);
    if (before != null && before.getValue().offset + before.getValue().length == offset) {
      remove(before.getValue());
      range = new Range(before.getValue().offset, before.getValue().length + range.length);
    }
    Range behind = byOffset.get(range.offset + range.length);
    if (behind != null) {
      remove(behind);
      range = new Range(range.offset, range.length + behind.length);
    }
    add(range);
  }

  private void add(Range range) {
    byOffset.put(range.offset, range);
    byLength.add(range);
  }

  private void remove(Range range) {
    byOffset.remove(range.offset);
    byLength.remove(range);
  }
}
