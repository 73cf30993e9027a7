package dev.varve.cli.bench;

import dev.varve.store.Checks;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Our rate beside the rate of a probe, measured in turns in one run.
 *
 * @param name what we do
 * @param probe what it is compared with
 * @param ours median of our rates, bytes a second
 * @param probed median of the probe's rates, bytes a second
 * @param ratio median over the pairs of ours over probed
 * @param pairs how many pairs were measured
 * @param goal the ratio aimed at, if there is one
 */
public record Comparison(
    String name,
    String probe,
    double ours,
    double probed,
    double ratio,
    int pairs,
    OptionalDouble goal) {

  /** One measurement: bytes a second. */
  @FunctionalInterface
  public interface Rate {
    /** Measures once; {@code pair} is there to rotate over memory or files. */
    double measure(int pair) throws IOException;
  }

  /** Names a comparison before it is measured. */
  public record Question(String name, String probe, OptionalDouble goal) {}

  /** Measures {@code pairs} pairs; who goes first alternates. */
  public static Comparison measure(Question question, int pairs, Rate ours, Rate probe)
      throws IOException {
    double[] our = new double[Checks.positive(pairs, "pairs")];
    double[] probed = new double[pairs];
    for (int pair = 0; pair < pairs; pair++) {
      if (pair % 2 == 0) {
        our[pair] = ours.measure(pair);
        probed[pair] = probe.measure(pair);
      } else {
        probed[pair] = probe.measure(pair);
        our[pair] = ours.measure(pair);
      }
    }
    return of(question, our, probed);
  }

  /** Compares rates that were measured in pairs. */
  public static Comparison of(Question question, double[] ours, double[] probed) {
    double[] ratios = new double[ours.length];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = ours[i] / probed[i];
    }
    return new Comparison(
        question.name(),
        question.probe(),
        median(ours),
        median(probed),
        median(ratios),
        ratios.length,
        question.goal());
  }

  /** Whether the goal is reached; empty where there is none. */
  public Optional<Boolean> reached() {
    return goal.isPresent() ? Optional.of(ratio >= goal.getAsDouble()) : Optional.empty();
  }

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
