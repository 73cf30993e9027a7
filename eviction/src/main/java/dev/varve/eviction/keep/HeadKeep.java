package dev.varve.eviction.keep;

import java.util.List;

/**
 * What one KV head still remembers.
 *
 * @param tokens indices of the kept tokens in the observation, sorted, unique
 * @param positions their positions in the text, ascending; the same numbers for a whole prompt
 * @param merged rows that stand for several tokens: those that replace kept ones, by token, then
 *     those beside them
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record HeadKeep(int[] tokens, int[] positions, List<MergedSlot> merged) {

  public HeadKeep {
    merged = List.copyOf(merged);
    for (int i = 1; i < tokens.length; i++) {
      if (tokens[i] <= tokens[i - 1]) {
        throw new IllegalArgumentException(
            "kept tokens must ascend: " + tokens[i] + " after " + tokens[i - 1]);
      }
    }
  }

  /** Rows that attention reads: kept tokens and slots beside them. */
  public int slots() {
    return tokens.length + (int) merged.stream().filter(MergedSlot::extra).count();
  }
}
