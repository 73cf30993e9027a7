package dev.varve.eviction.score;

import java.util.Arrays;
import java.util.Optional;

/**
 * Scores of one layer, {@code [kvHeads][tokens]}. The arrays are not copied: whoever makes scores
 * gives them away.
 *
 * @param heads a row for each KV head; equal rows may be one array
 * @param mass attention received by each token, summed over queries and averaged over heads, where
 *     an allocator can use it
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record Scores(float[][] heads, Optional<float[]> mass) {

  /** Scores without mass. */
  public static Scores of(float[]... heads) {
    return new Scores(heads, Optional.empty());
  }

  /** The same scores for {@code heads} heads. */
  public static Scores shared(int heads, float[] row) {
    float[][] rows = new float[heads][];
    Arrays.fill(rows, row);
    return of(rows);
  }

  /** The same with mass. */
  public Scores withMass(float[] mass) {
    return new Scores(heads, Optional.of(mass));
  }

  /** Number of tokens. */
  public int tokens() {
    return heads[0].length;
  }

  /**
   * Returns {@code this} if every score is a number.
   *
   * @throws IllegalArgumentException names the first place where one is not
   */
  public Scores requireNumbers(int layer) {
    for (int head = 0; head < heads.length; head++) {
      for (int token = 0; token < heads[head].length; token++) {
        if (Float.isNaN(heads[head][token])) {
          throw new IllegalArgumentException(
              ("layer %d, head %d: the score of token %d is NaN: needed are keys, values and"
                      + " queries of finite numbers")
                  .formatted(layer, head, token));
        }
      }
    }
    return this;
  }
}
