package dev.varve.attention.index;

/** Bytes that are no index, or not the one that was asked for; the sentence says why. */
public final class DamagedIndexException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public DamagedIndexException(String sentence) {
    super(sentence);
  }
}
