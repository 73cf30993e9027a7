package dev.varve.attention.index;

import dev.varve.store.Checks;

/**
 * Pages of a fixed number of tokens.
 *
 * @param tokens of a page
 */
public record FixedCut(int tokens) implements PageCut {

  public FixedCut {
    Checks.positive(tokens, "page");
  }

  @Override
  public boolean endsAfter(int tokenId, int length) {
    return length >= tokens;
  }

  @Override
  public boolean needsTokenIds() {
    return false;
  }
}
