package dev.varve.offload.replay;

/**
 * What a cache would have served.
 *
 * @param references chunks asked for
 * @param hits chunks found
 * @param prefixHits chunks found with every chunk before them in their prompt
 * @param tokensSaved tokens in the prefix hits: they need no prefill
 */
public record Score(long references, long hits, long prefixHits, long tokensSaved) {

  /** Nothing asked for yet. */
  static final Score NONE = new Score(0, 0, 0, 0);

  /** Found chunks among those asked for. */
  public double hitRatio() {
    return references == 0 ? 0 : (double) hits / references;
  }

  /** Usable chunks among those asked for. */
  public double prefixHitRatio() {
    return references == 0 ? 0 : (double) prefixHits / references;
  }

  /** Adds one chunk; {@code reachable} says whether every chunk before it was found. */
  Score plus(boolean hit, boolean reachable, int tokens) {
    boolean usable = hit && reachable;
    return new Score(
        references + 1,
        hits + (hit ? 1 : 0),
        prefixHits + (usable ? 1 : 0),
        tokensSaved + (usable ? tokens : 0));
  }
}
