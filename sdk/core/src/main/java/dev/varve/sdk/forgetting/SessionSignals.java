package dev.varve.sdk.forgetting;

import dev.varve.eviction.observe.Signal;
import dev.varve.sdk.internal.SessionState;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;

/**
 * What an engine tells a session beyond keys, values and queries, for policies that ask for it
 * ({@link EvictionForgetting#signalled}). Rows have one number for each position from 0 to the end
 * of the session; they are copied, stay with their tokens through later decisions and forks, and
 * are not saved. A policy that lacks one when it is due forgets nothing; give it and call {@link
 * dev.varve.sdk.KvSession#forget}. For the thread of the session.
 */
public final class SessionSignals {

  private final SessionState state;
  private final ModelShape shape;

  /** Of a session; {@link dev.varve.sdk.KvSession#signals} makes it. */
  public SessionSignals(SessionState state, ModelShape shape) {
    this.state = state;
    this.shape = shape;
  }

  /**
   * Scores of a draft model (SpecPC), the same for all layers: {@link DraftScores} finds them.
   *
   * @param scores {@code [length]}
   * @throws IllegalArgumentException if there are more or fewer, or one is no finite number
   */
  public void draftScores(float[] scores) {
    for (int layer = 0; layer < shape.layerCount(); layer++) {
      if (shape.owns(layer)) {
        give(Signal.DRAFT_SCORES, layer, new float[][] {scores});
      }
    }
  }

  /**
   * The largest attention that each token gets while the context is repeated (KVzip): {@link
   * dev.varve.sdk.RepeatPass} finds it.
   *
   * @param peaks {@code [queryHeads][length]}
   * @throws IllegalArgumentException if the shape is another, or a number is not finite
   */
  public void repeatAttention(int layer, float[][] peaks) {
    LayerShape of = layer(layer);
    if (peaks.length != of.queryHeads()) {
      throw new IllegalArgumentException(
          ("the attention of layer %d has rows for %d heads, needed is one for each of %d query"
                  + " heads")
              .formatted(layer, peaks.length, of.queryHeads()));
    }
    give(Signal.REPEAT_ATTENTION, layer, peaks);
  }

  private LayerShape layer(int layer) {
    if (layer < 0 || layer >= shape.layerCount() || !shape.owns(layer)) {
      throw new IllegalArgumentException(
          "there is no layer %d of %d that stores blocks of its own"
              .formatted(layer, shape.layerCount()));
    }
    return shape.layers().get(layer);
  }

  private void give(Signal signal, int layer, float[][] rows) {
    int length = state.length();
    float[][] copy = new float[rows.length][];
    for (int i = 0; i < rows.length; i++) {
      if (rows[i].length != length) {
        throw new IllegalArgumentException(
            "%s of layer %d are %d numbers, the session has %d tokens: give one for each"
                .formatted(signal.words(), layer, rows[i].length, length));
      }
      for (int at = 0; at < length; at++) {
        if (!Float.isFinite(rows[i][at])) {
          throw new IllegalArgumentException(
              "%s must be finite numbers: %s at position %d of layer %d"
                  .formatted(signal.words(), rows[i][at], at, layer));
        }
      }
      copy[i] = rows[i].clone();
    }
    state.signals().give(signal, layer, copy);
  }
}
