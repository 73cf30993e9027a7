package dev.varve.eviction.wrap;

import dev.varve.eviction.observe.Needs;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.Workspace;
import dev.varve.eviction.score.Scores;
import dev.varve.eviction.score.TokenScorer;
import dev.varve.store.Checks;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Every chunk is judged by itself, as if nothing stood around it, and gets its part of the budget:
 * the chunk-wise compression of kvpress' {@code ChunkPress}. A token's score is its rank within its
 * chunk over the chunk's length, so that the best of all are the same share of each. What is left
 * at the end joins the last chunk.
 *
 * @param inner scores the tokens of one chunk
 * @param size tokens of a chunk
 */
public record SeparateChunks(TokenScorer inner, int size) implements TokenScorer {

  public SeparateChunks {
    Checks.positive(size, "size");
    int window = inner.needs().window();
    if (window != Needs.ALL && window > size) {
      throw new IllegalArgumentException(
          "chunks of %d tokens are shorter than the window of %d: take longer chunks"
              .formatted(size, window));
    }
  }

  @Override
  public Needs needs() {
    Needs needs = inner.needs();
    return needs.window() > 0 ? needs.and(Needs.queries(Needs.ALL)) : needs;
  }

  @Override
  public Scores score(Observation layer, Workspace workspace) {
    int tokens = layer.tokens();
    float[][] ranks = new float[layer.shape().kvHeads()][tokens];
    for (int from = 0; from < tokens; ) {
      int to = tokens - from < 2 * size ? tokens : from + size;
      Scores scores = inner.score(TokenRange.of(layer, from, to), workspace);
      for (int head = 0; head < ranks.length; head++) {
        rank(scores.heads()[head], ranks[head], from);
      }
      from = to;
    }
    return Scores.of(ranks);
  }

  private static void rank(float[] scores, float[] into, int at) {
    int[] order =
        IntStream.range(0, scores.length)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer i) -> -scores[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    for (int rank = 0; rank < order.length; rank++) {
      into[at + order[rank]] = 1f - rank / (float) order.length;
    }
  }
}
