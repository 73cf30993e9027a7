package dev.varve.engine;

import dev.varve.engine.LlamaDecoder.Logits;
import dev.varve.store.Checks;
import java.util.Arrays;

/** Prefills a prompt in chunks, then decodes token by token. For one thread at a time. */
public final class Generator {
  private final LlamaDecoder decoder;
  private final StepSource session;
  private final int chunk;

  /** Hears what happens, in the generating thread. */
  @FunctionalInterface
  public interface Listener {
    /** A token was generated. */
    void token(int id);

    /** {@code done} of {@code total} prompt tokens are in the cache. */
    default void prefilled(int done, int total) {}
  }

  /** Why a generation ended. */
  public enum Ending {
    /** The model ended the text. */
    END_OF_TEXT,
    /** All tokens asked for were generated. */
    ENOUGH,
    /** The context of the model is full. */
    CONTEXT_FULL
  }

  /**
   * What was done.
   *
   * @param reused prompt tokens whose keys and values were found in the cache
   * @param generated tokens given to the listener
   * @param ending why it ended
   */
  public record Result(int reused, int generated, Ending ending) {}

  /**
   * @param session holds the keys and values
   * @param chunk most tokens of one prefill step
   */
  public Generator(LlamaDecoder decoder, StepSource session, int chunk) {
    this.decoder = decoder;
    this.session = session;
    this.chunk = Checks.positive(chunk, "prefill chunk");
  }

  /**
   * Continues the session by {@code prompt} and up to {@code most} generated tokens. The last
   * generated token is not in the cache afterwards: a next prompt begins with it.
   */
  public Result generate(int[] prompt, int most, Sampler sampler, Listener listener) {
    Checks.positive(prompt.length, "prompt tokens");
    int context = decoder.model().config().context();
    Checks.inRange(
        prompt.length, 1, context - session.length(), "prompt tokens for the rest of the context");
    int reused = session.length() == 0 ? session.reuse(prompt) : 0;
    Checks.inRange(reused, 0, prompt.length - 1, "reused tokens");
    float[] logits = prefill(prompt, reused, listener);
    Ending ending = Ending.ENOUGH;
    int generated = 0;
    while (generated < most) {
      int id = sampler.next(logits);
      if (decoder.model().tokenizer().endsText(id)) {
        ending = Ending.END_OF_TEXT;
        break;
      }
      listener.token(id);
      generated++;
      if (generated < most && session.length() == context) {
        ending = Ending.CONTEXT_FULL;
        break;
      }
      if (generated < most) {
        logits = step(new int[] {id}, false, Logits.LAST);
      }
    }
    session.endTurn();
    return new Result(reused, generated, ending);
  }

  private float[] prefill(int[] prompt, int reused, Listener listener) {
    float[] logits = {};
    listener.prefilled(reused, prompt.length);
    for (int from = reused; from < prompt.length; from += chunk) {
      int to = Math.min(prompt.length, from + chunk);
      boolean last = to == prompt.length;
      logits = step(Arrays.copyOfRange(prompt, from, to), last, last ? Logits.LAST : Logits.NONE);
      listener.prefilled(to, prompt.length);
    }
    return logits;
  }

  private float[] step(int[] tokens, boolean lastOfPrompt, Logits wanted) {
    int position = session.length();
    try (StepSource.Step step = session.begin(tokens, lastOfPrompt)) {
      float[] logits = decoder.step(tokens, position, wanted, step);
      step.end();
      return logits;
    }
  }
}
