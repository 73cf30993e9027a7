package dev.varve.engine;

import dev.varve.store.Checks;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import dev.varve.store.RopeSpec;

/**
 * The dimensions of a Llama-family model.
 *
 * @param layers decoder layers
 * @param hidden width of the residual stream
 * @param feedForward width of the SwiGLU layer
 * @param heads query heads of a layer
 * @param kvHeads key and value heads of a layer
 * @param headDim elements of one head
 * @param vocabulary token ids
 * @param context most positions the model was made for
 * @param normEpsilon added to the mean square in RMSNorm
 * @param rope how queries and keys are turned
 * @param tied whether the embedding is also the classifier
 */
public record LlamaConfig(
    int layers,
    int hidden,
    int feedForward,
    int heads,
    int kvHeads,
    int headDim,
    int vocabulary,
    int context,
    float normEpsilon,
    RopeSpec rope,
    boolean tied) {

  private static final int MOST = 1 << 24;

  public LlamaConfig {
    Checks.inRange(layers, 1, ModelShape.MAX_LAYERS, "layers");
    Checks.inRange(hidden, 1, MOST, "hidden size");
    Checks.inRange(feedForward, 1, MOST, "feed-forward size");
    Checks.inRange(vocabulary, 1, MOST, "vocabulary size");
    Checks.inRange(context, 1, Integer.MAX_VALUE, "context");
    Checks.finite(normEpsilon, "RMSNorm epsilon");
    LayerShape.grouped(heads, kvHeads, headDim, rope);
  }

  /** What a layer puts into a cache and how it reads it. */
  public LayerShape attention() {
    return LayerShape.grouped(heads, kvHeads, headDim, rope);
  }

  /** Elements of all query heads of one token. */
  public int queryWidth() {
    return heads * headDim;
  }

  /** Elements of all key heads, or all value heads, of one token. */
  public int kvWidth() {
    return kvHeads * headDim;
  }
}
