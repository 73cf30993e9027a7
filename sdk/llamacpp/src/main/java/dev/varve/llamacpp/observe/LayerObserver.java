package dev.varve.llamacpp.observe;

/** Hears what each layer attends with, in the thread that decodes. */
@FunctionalInterface
public interface LayerObserver {

  /**
   * One layer of one pass. The arrays belong to the observer from now on.
   *
   * @param layer of the model
   * @param first position of the first token
   * @param tokens of the pass
   * @param queries after RoPE, {@code [tokens][heads][keyDim]}
   * @param keys after RoPE, {@code [tokens][kvHeads][keyDim]}
   * @param values {@code [tokens][kvHeads][valueDim]}
   */
  void layer(int layer, int first, int tokens, float[] queries, float[] keys, float[] values);
}
