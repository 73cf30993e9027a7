package dev.varve.attention.index;

import dev.varve.store.Checks;
import java.util.Set;

/**
 * Pages that end with certain tokens, such as full stops, or when they get too long, so that text
 * without punctuation is no single page.
 *
 * @param ends ids of the tokens that end a sentence
 * @param longest most tokens of a page
 */
public record SentenceCut(Set<Integer> ends, int longest) implements PageCut {

  public SentenceCut {
    ends = Set.copyOf(ends);
    Checks.positive(longest, "longest");
  }

  @Override
  public boolean endsAfter(int tokenId, int length) {
    return length >= longest || ends.contains(tokenId);
  }

  @Override
  public boolean needsTokenIds() {
    return true;
  }
}
