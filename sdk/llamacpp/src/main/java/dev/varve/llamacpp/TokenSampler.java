package dev.varve.llamacpp;

import dev.varve.store.Checks;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Chooses the next token from the logits of the last. */
@FunctionalInterface
public interface TokenSampler {

  /** The chosen id; {@code logits} are not changed. */
  int next(float[] logits);

  /** Takes the largest logit, of equals the lower id. */
  static TokenSampler greedy() {
    return logits ->
        IntStream.range(0, logits.length)
            .reduce((a, b) -> logits[b] > logits[a] ? b : a)
            .orElseThrow();
  }

  /**
   * Draws from the softmax of the logits over {@code temperature}, among the likeliest tokens that
   * together reach {@code topP} (Holtzman et al., 2020). Equal seeds give equal draws. A
   * temperature of 0 is greedy.
   */
  static TokenSampler seeded(float temperature, float topP, long seed) {
    Checks.finite(temperature, "temperature");
    if (temperature < 0 || !(topP > 0 && topP <= 1)) {
      throw new IllegalArgumentException(
          "temperature must not be negative and top-p lie in (0, 1]: %s, %s"
              .formatted(temperature, topP));
    }
    SplittableRandom random = new SplittableRandom(seed);
    return temperature == 0
        ? greedy()
        : logits -> draw(logits, temperature, topP, random.nextDouble());
  }

  private static int draw(float[] logits, float temperature, float topP, double uniform) {
    int[] ranked =
        IntStream.range(0, logits.length)
            .boxed()
            .sorted((a, b) -> Float.compare(logits[b], logits[a]))
            .mapToInt(Integer::intValue)
            .toArray();
    double[] weights =
        Arrays.stream(ranked)
            .mapToDouble(id -> Math.exp((logits[id] - logits[ranked[0]]) / temperature))
            .toArray();
    double enough = topP * Arrays.stream(weights).sum();
    double kept = 0;
    int count = 0;
    while (count < weights.length && kept < enough) {
      kept += weights[count++];
    }
    double rest = uniform * kept;
    int chosen = 0;
    while (chosen < count - 1 && rest >= weights[chosen]) {
      rest -= weights[chosen++];
    }
    return ranked[chosen];
  }
}
