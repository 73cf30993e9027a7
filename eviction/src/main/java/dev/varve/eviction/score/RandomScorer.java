package dev.varve.eviction.score;

import dev.varve.eviction.observe.Needs;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.Workspace;
import java.util.SplittableRandom;

/**
 * Chance, the floor that every method must beat. The same seed draws the same for a layer and head,
 * whatever was scored before.
 *
 * @param seed of the draws
 */
public record RandomScorer(long seed) implements TokenScorer {
  private static final long MIX = 0x9E3779B97F4A7C15L;

  @Override
  public Needs needs() {
    return Needs.nothing();
  }

  @Override
  public Scores score(Observation layer, Workspace workspace) {
    float[][] rows = new float[layer.shape().kvHeads()][layer.tokens()];
    for (int head = 0; head < rows.length; head++) {
      long place = ((long) layer.layer() << Short.SIZE) + head + 1;
      SplittableRandom random = new SplittableRandom(seed ^ (place * MIX));
      for (int i = 0; i < rows[head].length; i++) {
        rows[head][i] = (float) random.nextDouble();
      }
    }
    return Scores.of(rows);
  }
}
