package dev.varve.sdk.attention;

/**
 * Attention of some queries over stored blocks, computed where the blocks are: what moves is the
 * queries and the outputs, not keys and values (Lamina, Chen et al., 2024; InstInfer, Pan et al.,
 * 2024). Made by {@link dev.varve.sdk.KvCache#attention}. For one thread at a time; several may
 * work side by side.
 */
public interface AttentionService {

  /**
   * Attends every query to every token asked for, and writes the outputs with their log-sum-exps,
   * to be merged with partials over other tokens. Nothing is cut by causality or by a layer's
   * window: who asks says which tokens are seen.
   *
   * @param request over what
   * @param queries {@code [tokens][queryHeads][keyDim]} from the front, positions already in;
   *     borrowed until the call returns
   * @param into receives the result; cleared if there is none
   * @return what was done, or which chunks no tier holds whole any more
   * @throws IllegalArgumentException if the request does not fit the model, or {@code into} has
   *     another shape
   */
  PartialAnswer partial(PartialRequest request, float[] queries, PartialAttention into);

  /** An empty result for {@code tokens} query tokens of {@code layer}. */
  PartialAttention newPartial(int layer, int tokens);
}
