package dev.varve.store;

import java.util.Objects;
import java.util.OptionalInt;

/**
 * What one attention layer puts into the cache and how it reads it.
 *
 * @param queryHeads query heads; a multiple of {@code kvHeads}
 * @param kvHeads heads of keys and values
 * @param keyDim elements of one key
 * @param valueDim elements of one value
 * @param scale factor on the logits, usually {@code 1/sqrt(keyDim)}
 * @param logitSoftCap {@code c} of {@code c * tanh(logit / c)}; 0 for none
 * @param rope rotary embedding of the keys
 * @param window a query sees only this many newest tokens, itself included; 0 for all
 * @param valueIsPrefixOfKey values are the first {@code valueDim} elements of the keys (multi-head
 *     latent attention): no value section is stored
 * @param sharedWith the earlier layer whose keys and values this layer reads instead of its own
 */
public record LayerShape(
    int queryHeads,
    int kvHeads,
    int keyDim,
    int valueDim,
    float scale,
    float logitSoftCap,
    RopeSpec rope,
    int window,
    boolean valueIsPrefixOfKey,
    OptionalInt sharedWith) {

  /** Widest head a layer may have. */
  public static final int MAX_DIM = 4096;

  public LayerShape {
    Checks.inRange(kvHeads, 1, 4096, "kvHeads");
    Checks.inRange(queryHeads, 1, 16384, "queryHeads");
    Checks.inRange(keyDim, 1, MAX_DIM, "keyDim");
    Checks.inRange(valueDim, 1, MAX_DIM, "valueDim");
    Checks.finite(scale, "scale");
    Checks.finite(logitSoftCap, "logitSoftCap");
    Checks.notNegative(window, "window");
    Objects.requireNonNull(rope, "rope");
    Objects.requireNonNull(sharedWith, "sharedWith");
    if (queryHeads % kvHeads != 0) {
      throw new IllegalArgumentException(
          "queryHeads must be a multiple of kvHeads: " + queryHeads + " over " + kvHeads);
    }
    if (logitSoftCap < 0) {
      throw new IllegalArgumentException("logitSoftCap must not be negative: " + logitSoftCap);
    }
    if (rope.dims() > keyDim) {
      throw new IllegalArgumentException(
          "rope turns " + rope.dims() + " dimensions of a key that has " + keyDim);
    }
    if (valueIsPrefixOfKey && valueDim > keyDim) {
      throw new IllegalArgumentException(
          "a value of " + valueDim + " elements is no prefix of a key of " + keyDim);
    }
  }

  /** Grouped-query attention with equal key and value width and the usual scale. */
  public static LayerShape grouped(int queryHeads, int kvHeads, int headDim, RopeSpec rope) {
    float scale = (float) (1.0 / Math.sqrt(headDim));
    return new LayerShape(
        queryHeads, kvHeads, headDim, headDim, scale, 0f, rope, 0, false, OptionalInt.empty());
  }

  /** The same layer with queries that see everything before them. */
  public LayerShape withoutWindow() {
    return window == 0
        ? this
        : new LayerShape(
            queryHeads,
            kvHeads,
            keyDim,
            valueDim,
            scale,
            logitSoftCap,
            rope,
            0,
            valueIsPrefixOfKey,
            sharedWith);
  }

  /** Query heads that read one KV head. */
  public int group() {
    return queryHeads / kvHeads;
  }

  /** The KV head that query head {@code h} reads. */
  public int kvHeadOf(int h) {
    return h / group();
  }

  /** The oldest position that a query at {@code position} sees. */
  public int firstVisible(int position) {
    return window == 0 ? 0 : Math.max(0, position - window + 1);
  }
}
