package dev.varve.eviction.merge;

import dev.varve.eviction.observe.Observation;

/**
 * One KV head at the moment of eviction.
 *
 * @param layer the layer as it was
 * @param head KV head
 * @param kept kept tokens, sorted
 * @param evicted all others that may be merged, sorted
 * @param scores of all tokens
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record HeadEviction(Observation layer, int head, int[] kept, int[] evicted, float[] scores) {

  /** Everything between kept tokens up to {@code available} is evicted. */
  public static HeadEviction of(
      Observation layer, int head, int[] kept, int available, float[] scores) {
    int[] evicted = new int[available - kept.length];
    int next = 0;
    int at = 0;
    for (int token = 0; token < available; token++) {
      if (at < kept.length && kept[at] == token) {
        at++;
      } else {
        evicted[next++] = token;
      }
    }
    return new HeadEviction(layer, head, kept, evicted, scores);
  }
}
