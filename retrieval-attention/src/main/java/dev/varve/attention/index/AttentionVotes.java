package dev.varve.attention.index;

import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.FloatRows;
import dev.varve.store.kernel.SoftmaxKernel;
import java.util.Arrays;

/**
 * Votes of query heads for tokens: each head has one vote, which it shares out by the softmax of
 * its dot products with the candidates. The votes of a group, or of all heads, are added up in
 * single precision. Owns scratch memory, for one thread.
 */
final class AttentionVotes {
  private final KeyScores keys;
  private final SoftmaxKernel softmax;
  private final float scale;
  private final float softCap;
  private final FloatRows dots = new FloatRows();
  private float[] scratch = {};
  private float[] votes = {};

  /**
   * @param scale factor on the dot products
   * @param softCap {@code c} of {@code c * tanh(logit / c)}; 0 for none
   */
  AttentionVotes(KeyScores keys, float scale, float softCap, Backend backend) {
    this.keys = keys;
    this.softmax = SoftmaxKernel.of(backend);
    this.scale = scale;
    this.softCap = softCap;
  }

  /** Votes of the candidates, those of the last {@link #clear} and {@link #add}s. */
  float[] votes() {
    return votes;
  }

  /** Begins with no vote for any of {@code candidates} tokens. */
  void clear(int candidates) {
    if (votes.length < candidates) {
      votes = new float[candidates];
    }
    Arrays.fill(votes, 0, candidates, 0f);
  }

  /** Adds the votes of a group for the tokens {@code [from, to)}; returns the bytes read. */
  long add(int kvHead, FloatRows queries, int from, int to) {
    int count = to - from;
    int heads = queries.rows();
    if (scratch.length < heads * count) {
      scratch = new float[heads * count];
    }
    long bytes = keys.score(kvHead, queries, from, to, dots.at(scratch, 0, count, heads));
    for (int h = 0; h < heads; h++) {
      softmax.softmax(scratch, h * count, count, scale, softCap);
      for (int i = 0; i < count; i++) {
        votes[i] += scratch[h * count + i];
      }
    }
    return bytes;
  }
}
