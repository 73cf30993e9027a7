package dev.varve.sdk.attention;

/**
 * Chooses tokens of stored chunks for queries that come from elsewhere. The index of a layer of a
 * context is built from the stored keys when it is first asked for, grows with the context, and is
 * kept as long as there is room. Made by {@link dev.varve.sdk.KvCache#selection}. Thread-safe.
 */
public interface SelectionService {

  /**
   * Chooses.
   *
   * @param queries {@code [tokens][queryHeads][keyDim]} from the front, positions already in;
   *     borrowed until the call returns
   * @throws IllegalArgumentException if the request does not fit the model
   */
  SelectionAnswer select(SelectionRequest request, float[] queries);

  /** What is held now. */
  SelectionUsage usage();
}
