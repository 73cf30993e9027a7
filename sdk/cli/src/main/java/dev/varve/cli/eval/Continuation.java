package dev.varve.cli.eval;

import dev.varve.engine.CacheSession;
import dev.varve.engine.LayerAttention;
import dev.varve.engine.LlamaDecoder;
import dev.varve.engine.LlamaDecoder.Logits;
import dev.varve.engine.StepSource;
import dev.varve.sdk.KvSession;
import java.util.Arrays;
import java.util.function.UnaryOperator;

/**
 * A session, the model that computes it, and what the model expects next. Closing it closes the
 * session. For one thread.
 */
final class Continuation implements AutoCloseable {
  private final LlamaDecoder decoder;
  private final KvSession session;
  private float[] next;

  private Continuation(LlamaDecoder decoder, KvSession session, float[] next) {
    this.decoder = decoder;
    this.session = session;
    this.next = next;
  }

  /** Of an empty session, which belongs to the result from now on. */
  static Continuation of(LlamaDecoder decoder, KvSession session) {
    return new Continuation(decoder, session, new float[0]);
  }

  /** The same tokens again, to go on in another way. */
  Continuation fork() {
    return new Continuation(decoder, session.fork(), next);
  }

  /**
   * Of an empty session that takes over what is stored of a prompt and computes the rest exactly;
   * it belongs to the result from now on.
   */
  static Continuation ofPrompt(LlamaDecoder decoder, KvSession session, int[] prompt) {
    Continuation result = of(decoder, session);
    int reused = session.reuse(prompt);
    int[] rest = Arrays.copyOfRange(prompt, reused, prompt.length);
    result.next = result.step(rest, true, Logits.LAST, UnaryOperator.identity());
    return result;
  }

  /** The session. */
  KvSession session() {
    return session;
  }

  /** Adds tokens, at least one, in one step. */
  void feed(int[] tokens) {
    next = step(tokens, false, Logits.LAST, UnaryOperator.identity());
  }

  /** As {@link #feed}, with {@code recorder} listening. */
  void feed(int[] tokens, RecordedStep recorder) {
    next = step(tokens, false, Logits.LAST, recorder::recording);
  }

  /**
   * The summed loss of {@code tokens}, in nats, each predicted from all before it; they are added.
   *
   * @param listener wraps the attention of the step
   */
  double loss(int[] tokens, UnaryOperator<LayerAttention> listener) {
    float[] before = next;
    float[] logits = step(tokens, false, Logits.ALL, listener);
    int vocabulary = before.length;
    double sum = loss(before, 0, vocabulary, tokens[0]);
    for (int i = 1; i < tokens.length; i++) {
      sum += loss(logits, (i - 1) * vocabulary, vocabulary, tokens[i]);
    }
    return sum;
  }

  /** The same, each token in a step of its own. */
  double lossByStep(int[] tokens) {
    double sum = 0;
    for (int token : tokens) {
      sum += loss(next, 0, next.length, token);
      feed(new int[] {token});
    }
    return sum;
  }

  /** Adds tokens, each in a step of its own. */
  void feedByStep(int[] tokens) {
    for (int token : tokens) {
      feed(new int[] {token});
    }
  }

  /** Loss of {@code token}, in nats, by the row of logits at {@code from}. */
  static double loss(float[] logits, int from, int vocabulary, int token) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = from; i < from + vocabulary; i++) {
      max = Math.max(max, logits[i]);
    }
    double sum = 0;
    for (int i = from; i < from + vocabulary; i++) {
      sum += Math.exp(logits[i] - max);
    }
    return max + Math.log(sum) - logits[from + token];
  }

  /** Whether greedy decoding goes on with exactly these tokens; stops at the first other one. */
  boolean says(int[] tokens) {
    for (int i = 0; i < tokens.length; i++) {
      if (likeliest() != tokens[i]) {
        return false;
      }
      if (i < tokens.length - 1) {
        feed(new int[] {tokens[i]});
      }
    }
    return true;
  }

  /** The next {@code count} tokens of greedy decoding; nothing is added. */
  int[] greedy(int count) {
    int[] tokens = new int[count];
    try (Continuation other = fork()) {
      for (int i = 0; i < count; i++) {
        tokens[i] = other.likeliest();
        other.feed(new int[] {tokens[i]});
      }
    }
    return tokens;
  }

  private int likeliest() {
    int best = 0;
    for (int i = 1; i < next.length; i++) {
      best = next[i] > next[best] ? i : best;
    }
    return best;
  }

  /** Puts a recorded step to this session, and leaves the session as it is. */
  void compare(int[] tokens, RecordedStep recorded, Tally tally) {
    try (StepSource.Step step = new CacheSession(session).begin(tokens, false)) {
      recorded.compare(step, tally);
    }
  }

  /** The same, each token in a step of its own; they are added. */
  void compareByStep(int[] tokens, RecordedStep recorded, Tally tally) {
    for (int i = 0; i < tokens.length; i++) {
      int[] one = {tokens[i]};
      try (StepSource.Step step = new CacheSession(session).begin(one, false)) {
        recorded.compare(step, i, 1, tally);
        step.end();
      }
    }
  }

  private float[] step(
      int[] tokens, boolean lastOfPrompt, Logits wanted, UnaryOperator<LayerAttention> listener) {
    int position = session.length();
    try (StepSource.Step step = new CacheSession(session).begin(tokens, lastOfPrompt)) {
      float[] logits = decoder.step(tokens, position, wanted, listener.apply(step));
      step.end();
      return logits;
    }
  }

  @Override
  public void close() {
    session.close();
  }
}
