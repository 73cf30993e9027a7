package dev.varve.engine;

import dev.varve.store.Checks;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Chooses the next token from the logits of the last. */
@FunctionalInterface
public interface Sampler {

  /** The chosen id; {@code logits} are not changed. */
  int next(float[] logits);

  /** Takes the largest logit, of equals the lower id. */
  static Sampler greedy() {
    return Sampler::largest;
  }

  /**
   * Draws from the softmax of the logits over {@code temperature}, among the likeliest tokens that
   * together reach {@code topP}; see Holtzman et al., 2020. Equal seeds give equal draws. A
   * temperature of 0 is greedy.
   */
  static Sampler seeded(float temperature, float topP, long seed) {
    Checks.finite(temperature, "temperature");
    if (temperature < 0 || !(topP > 0 && topP <= 1)) {
      throw new IllegalArgumentException(
          "temperature must not be negative and top-p lie in (0, 1]: " + temperature + ", " + topP);
    }
    SplittableRandom random = new SplittableRandom(seed);
    return temperature == 0
        ? greedy()
        : logits -> draw(logits, temperature, topP, random.nextDouble());
  }

  private static int largest(float[] logits) {
    int best = 0;
    for (int i = 0; i < logits.length; i++) {
      best = Checks.finite(logits[i], "logit of token " + i) > logits[best] ? i : best;
    }
    return best;
  }

  private static int draw(float[] logits, float temperature, float topP, double uniform) {
    float largest = logits[largest(logits)];
    double total = 0;
    long[] ranked = new long[logits.length];
    for (int i = 0; i < logits.length; i++) {
      float weight = (float) Math.exp((logits[i] - largest) / temperature);
      total += weight;
      ranked[i] = (long) Float.floatToIntBits(weight) << 32 | (Integer.MAX_VALUE - i);
    }
    Arrays.sort(ranked);
    double kept = 0;
    int least = ranked.length;
    while (least > 0 && kept < topP * total) {
      kept += weight(ranked[--least]);
    }
    double rest = uniform * kept;
    int chosen = ranked.length - 1;
    for (; chosen > least && rest >= weight(ranked[chosen]); chosen--) {
      rest -= weight(ranked[chosen]);
    }
    return Integer.MAX_VALUE - (int) ranked[chosen];
  }

  private static float weight(long ranked) {
    return Float.intBitsToFloat((int) (ranked >>> 32));
  }
}
