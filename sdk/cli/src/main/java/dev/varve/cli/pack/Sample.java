package dev.varve.cli.pack;

import dev.varve.store.Checks;
import java.util.ArrayList;
import java.util.List;

/**
 * The blocks on which encodings are judged: all of a short sequence; of a long one the first and
 * the newest, as they are what attention looks at most.
 *
 * @param chunks their numbers, ascending
 * @param tokens tokens in them
 * @param skipped chunks between the first and the next one
 */
record Sample(List<Integer> chunks, int tokens, int skipped) {

  /** Tokens that are looked at unless a caller chooses. */
  static final int DEFAULT_TOKENS = 4096;

  /** The sample of {@code total} tokens. */
  static Sample of(int total, int blockTokens, int most) {
    Checks.positive(most, "tokens of the sample");
    int chunks = Math.ceilDiv(total, blockTokens);
    int wanted = Math.max(2, most / blockTokens);
    List<Integer> numbers = new ArrayList<>();
    int skipped = Math.max(0, chunks - wanted);
    for (int chunk = 0; chunk < chunks; chunk++) {
      if (chunk == 0 || chunk > skipped) {
        numbers.add(chunk);
      }
    }
    return new Sample(List.copyOf(numbers), total - skipped * blockTokens, skipped);
  }

  /** The place in the sample of a position behind what was skipped. */
  int place(int position, int blockTokens) {
    return position - skipped * blockTokens;
  }
}
