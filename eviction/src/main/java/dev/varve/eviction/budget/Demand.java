package dev.varve.eviction.budget;

import dev.varve.eviction.score.Scores;
import java.util.List;

/**
 * What an allocator divides: places for the tokens that are not protected.
 *
 * @param scores of every layer, in order
 * @param from first token that competes
 * @param to end of the tokens that compete
 * @param free places per KV head on average, beyond what is protected; not negative
 * @param protect protected tokens of each head
 * @param extra slots that a head needs beside its tokens as soon as it loses some
 */
public record Demand(List<Scores> scores, int from, int to, int free, int protect, int extra) {

  public Demand {
    scores = List.copyOf(scores);
  }

  /** Number of layers. */
  public int layers() {
    return scores.size();
  }

  /** KV heads of a layer. */
  public int heads(int layer) {
    return scores.get(layer).heads().length;
  }

  /**
   * The most places that a head can use: with these it loses so few tokens that it keeps all of
   * them in the places of its extra slots.
   */
  public int candidates() {
    return Math.max(0, to - from - extra);
  }

  /** All tokens of a head. */
  public int tokens() {
    return scores.getFirst().tokens();
  }

  /** Free places of a layer if all heads get the same. */
  public long even(int layer) {
    return (long) heads(layer) * free;
  }

  /** Free places of all layers. */
  public long total() {
    long total = 0;
    for (int layer = 0; layer < layers(); layer++) {
      total += even(layer);
    }
    return total;
  }
}
