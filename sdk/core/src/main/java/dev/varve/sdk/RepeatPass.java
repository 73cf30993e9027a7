package dev.varve.sdk;

import dev.varve.sdk.forgetting.RepeatScores;
import dev.varve.store.Checks;
import dev.varve.store.ModelShape;

/**
 * A second pass over the context of a session, in which the model repeats it chunk by chunk: what
 * it looks at meanwhile is what KVzip (Kim et al., NeurIPS 2025, arXiv 2505.23416) keeps. The pass
 * runs in a fork; the session notices nothing until {@link #give}.
 *
 * <pre>
 *  try (RepeatPass pass = session.repeat(4)) {
 *    for each chunk [from, to) of the context:
 *      try (Step step = pass.begin(from, to, tokens)) { append and attend all layers; step.end(); }
 *    pass.give();
 *  }
 *  session.forget();
 * </pre>
 *
 * <p>For the thread of the session.
 */
public final class RepeatPass implements AutoCloseable {

  private final KvSession session;
  private final KvSession fork;
  private final RepeatScores scores;
  private final ModelShape shape;
  private final int context;
  private boolean expected;

  RepeatPass(KvSession session, KvSession fork, RepeatScores scores, ModelShape shape) {
    this.session = session;
    this.fork = fork;
    this.scores = scores;
    this.shape = shape;
    this.context = session.length();
  }

  /** Tokens of the context. */
  public int context() {
    return context;
  }

  /**
   * Begins the step that repeats a chunk right behind the whole context.
   *
   * @param from first token of the chunk
   * @param to end of the chunk
   * @param tokens a request to repeat, then the tokens of the chunk
   */
  public Step begin(int from, int to, int[] tokens) {
    Checks.inRange(from, 0, context - 1, "first token of the chunk");
    Checks.inRange(to, from + 1, context, "end of the chunk");
    note();
    fork.truncate(context);
    scores.expect(from, to, tokens.length);
    Step step = fork.begin(tokens, false);
    expected = true;
    return step;
  }

  private void note() {
    if (expected && fork.length() > context) {
      fork.forget();
    }
    expected = false;
  }

  /**
   * Gives the session what was found so far.
   *
   * @throws IllegalStateException if the session has gone on since
   */
  public void give() {
    note();
    if (session.length() != context) {
      throw new IllegalStateException(
          "the session had %d tokens when the pass began, and has %d: begin another pass"
              .formatted(context, session.length()));
    }
    for (int layer = 0; layer < shape.layerCount(); layer++) {
      if (shape.owns(layer)) {
        session.signals().repeatAttention(layer, scores.of(layer));
      }
    }
  }

  /** Ends the fork. */
  @Override
  public void close() {
    fork.close();
  }
}
