package dev.varve.sdk;

import dev.varve.sdk.internal.SessionState;
import dev.varve.store.ModelShape;
import java.util.BitSet;

/**
 * One pass of some tokens through all layers of the engine. {@link #end} commits all layers or
 * none; closing a step that has not ended leaves the session as it was. For the thread of its
 * session.
 */
public final class Step implements AutoCloseable {

  private enum Phase {
    RUNNING,
    ENDED,
    ABORTED
  }

  private final KvSession session;
  private final SessionState state;
  private final ModelShape shape;
  private final int[] tokenIds;
  private final boolean lastOfPrompt;
  private final BitSet appended = new BitSet();
  private Phase phase = Phase.RUNNING;

  Step(KvSession session, ModelShape shape, int[] tokenIds, boolean lastOfPrompt) {
    this.session = session;
    this.state = session.state();
    this.shape = shape;
    this.tokenIds = tokenIds;
    this.lastOfPrompt = lastOfPrompt;
  }

  /** Tokens of this step. */
  public int tokens() {
    return tokenIds.length;
  }

  /** Position of the first token of this step. */
  public int position() {
    return state.length();
  }

  /** Whether the prompt ends with this step. */
  public boolean lastOfPrompt() {
    return lastOfPrompt;
  }

  /**
   * Takes the keys and values of this step's tokens at {@code layer}, once per layer. Keys are as
   * the layer's {@link dev.varve.store.RopeSpec} says they are stored.
   *
   * @param keys {@code [tokens][kvHeads][keyDim]}; copied before this returns
   * @param values {@code [tokens][kvHeads][valueDim]}; not read where values are a prefix of the
   *     keys
   */
  public void append(int layer, EngineTensor keys, EngineTensor values) {
    checkRunning();
    checkLayer(layer);
    if (!shape.owns(layer)) {
      throw new IllegalArgumentException(
          "layer "
              + layer
              + " shares the cache of layer "
              + shape.ownerOf(layer)
              + ": append there");
    }
    if (appended.get(layer)) {
      throw new IllegalStateException(
          "layer " + layer + " was appended before in this step: begin a new step first");
    }
    checkTokens(keys.tokens(), "keys", layer);
    state.write(layer, keys, values);
    appended.set(layer);
  }

  /**
   * Attends this step's queries to all tokens up to their own, in ascending order.
   *
   * @param queries {@code [tokens][queryHeads][keyDim]}
   * @param out {@code [tokens][queryHeads][valueDim]}, written
   */
  public void attend(int layer, EngineTensor queries, EngineTensor out) {
    checkAttends(layer);
    checkTokens(queries.tokens(), "queries", layer);
    state.attend(layer, queries, out);
  }

  /** Refuses what may not attend {@code layer} now. */
  void checkAttends(int layer) {
    checkRunning();
    checkLayer(layer);
    if (!appended.get(shape.ownerOf(layer))) {
      throw new IllegalStateException(
          "layer " + layer + " attends before layer " + shape.ownerOf(layer) + " was appended");
    }
  }

  /** Refuses a step that is over, or of another cache than this one. */
  void checkIn(KvCache cache) {
    checkRunning();
    if (session.cache() != cache) {
      throw new IllegalArgumentException(
          "a step belongs to a session of another cache: each cache has batches of its own");
    }
  }

  SessionState state() {
    return state;
  }

  /**
   * Commits the step: every layer that stores blocks must have been appended. If the session's
   * policy says so, the session then forgets. A policy that fails, for want of room or because it
   * cannot judge what it sees, does not undo the step: nothing is forgotten, {@link
   * KvSession#forgettingFailure} has the reason, and {@link KvSession#forget} tries again.
   *
   * @throws IllegalStateException if a layer is missing: nothing was committed
   */
  public void end() {
    checkRunning();
    for (int layer = 0; layer < shape.layerCount(); layer++) {
      if (shape.owns(layer) && !appended.get(layer)) {
        throw new IllegalStateException("layer " + layer + " was not appended: append it or close");
      }
    }
    phase = Phase.ENDED;
    session.stepOver();
    state.commit(tokenIds);
    state.decideIfDue(tokenIds.length, lastOfPrompt);
  }

  /** Aborts the step unless it has ended. Idempotent. */
  @Override
  public void close() {
    if (phase == Phase.RUNNING) {
      phase = Phase.ABORTED;
      session.stepOver();
      state.abort();
    }
  }

  private void checkRunning() {
    if (phase != Phase.RUNNING) {
      throw new IllegalStateException("the step is over: " + phase);
    }
    session.checkOpen();
  }

  private void checkLayer(int layer) {
    if (layer < 0 || layer >= shape.layerCount()) {
      throw new IllegalArgumentException(
          "layer must lie between 0 and " + (shape.layerCount() - 1) + ": " + layer);
    }
  }

  private void checkTokens(int tokens, String name, int layer) {
    if (tokens != tokenIds.length) {
      throw new IllegalArgumentException(
          name + " of layer " + layer + " have " + tokens + " tokens, the step has " + tokens());
    }
  }
}
