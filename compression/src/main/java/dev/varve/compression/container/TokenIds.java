package dev.varve.compression.container;

import java.util.Arrays;

/** The ids of the tokens, the first of the context first. An immutable value. */
public final class TokenIds {
  private final int[] ids;

  private TokenIds(int[] ids) {
    this.ids = ids;
  }

  /** These ids. */
  public static TokenIds of(int... ids) {
    return new TokenIds(ids.clone());
  }

  public int count() {
    return ids.length;
  }

  public int get(int token) {
    return ids[token];
  }

  /** All ids in a new array. */
  public int[] toArray() {
    return ids.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TokenIds that && Arrays.equals(ids, that.ids);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(ids);
  }

  /** Says how many there are, and not which: ids are prompt text. */
  @Override
  public String toString() {
    return ids.length + " token ids";
  }
}
