package dev.varve.attention.index;

/** Where pages end. */
public interface PageCut {

  /** Whether a page of {@code length} tokens ends with the token that was added last. */
  boolean endsAfter(int tokenId, int length);

  /** Whether {@link #endsAfter} needs token ids. */
  boolean needsTokenIds();
}
