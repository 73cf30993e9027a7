package dev.varve.engine;

import dev.varve.sdk.EngineTensor;
import dev.varve.sdk.KvSession;
import java.util.Objects;

/**
 * A session of the SDK as the generator's session: per layer, keys and values are appended, then
 * queries attend. The caller closes the {@link KvSession}. For one thread at a time.
 */
public final class CacheSession implements StepSource {
  private final KvSession session;

  public CacheSession(KvSession session) {
    this.session = Objects.requireNonNull(session, "session");
  }

  @Override
  public int length() {
    return session.length();
  }

  @Override
  public int reuse(int[] prompt) {
    return session.reuse(prompt);
  }

  @Override
  public Step begin(int[] tokens, boolean lastOfPrompt) {
    return new CacheStep(session.begin(tokens, lastOfPrompt));
  }

  /** Persists what was sealed; blocks refused by a full tier are counted in the cache's stats. */
  @Override
  public void endTurn() {
    session.endTurn();
  }

  /** A step of the SDK as the decoder's. */
  public static Step over(dev.varve.sdk.Step step) {
    return new CacheStep(step);
  }

  private record CacheStep(dev.varve.sdk.Step step) implements Step {

    @Override
    public void attend(
        int layer, EngineTensor k, EngineTensor v, EngineTensor q, EngineTensor out) {
      step.append(layer, k, v);
      step.attend(layer, q, out);
    }

    @Override
    public void end() {
      step.end();
    }

    @Override
    public void close() {
      step.close();
    }
  }
}
