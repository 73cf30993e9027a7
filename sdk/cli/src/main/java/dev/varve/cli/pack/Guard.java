package dev.varve.cli.pack;

import dev.varve.compression.CodecContext;
import dev.varve.compression.ExactTokens;
import dev.varve.store.Checks;

/**
 * Tokens of a sequence that approximate encodings leave as they are.
 *
 * @param first tokens at the front, the sinks of attention
 * @param newest tokens at the end
 */
public record Guard(int first, int newest) {

  public Guard {
    Checks.notNegative(first, "first tokens to keep");
    Checks.notNegative(newest, "newest tokens to keep");
  }

  /** What an encoder has to know of the tokens {@code [from, from + count)} of {@code total}. */
  CodecContext context(int from, int count, int total) {
    int front = Math.clamp((long) first - from, 0, count);
    long exactFrom = (long) total - newest;
    int back = (int) Math.clamp(from + (long) count - exactFrom, 0, (long) count - front);
    ExactTokens exact = new ExactTokens(front, back);
    return CodecContext.of(count).at(from).keeping(exact, exact);
  }
}
