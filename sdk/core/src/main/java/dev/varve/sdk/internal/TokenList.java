package dev.varve.sdk.internal;

import java.util.Arrays;

/** A growing list of token ids. */
final class TokenList {

  private int[] ids = new int[256];
  private int size;

  int size() {
    return size;
  }

  /** The ids behind the list; valid until the next change. */
  int[] ids() {
    return ids;
  }

  void append(int[] more) {
    if (size + more.length > ids.length) {
      ids = Arrays.copyOf(ids, Math.max(2 * ids.length, size + more.length));
    }
    System.arraycopy(more, 0, ids, size, more.length);
    size += more.length;
  }

  void truncate(int length) {
    size = length;
  }

  /** Takes back a truncation, as far as {@code length}, before anything was appended. */
  void restore(int length) {
    size = length;
  }

  int[] toArray() {
    return Arrays.copyOf(ids, size);
  }
}
