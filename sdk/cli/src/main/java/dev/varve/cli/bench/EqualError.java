package dev.varve.cli.bench;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;

/** Bits at a given error, between the levels of one family. */
final class EqualError {
  private final List<CodingFinding> levels;

  EqualError(List<CodingFinding> levels) {
    this.levels = new ArrayList<>(levels);
    this.levels.sort(Comparator.comparingDouble(CodingFinding::outputError));
  }

  /**
   * Bits at {@code error}: on the straight line in the logarithm of the error between the two
   * levels around it; empty if it lies outside of them.
   */
  OptionalDouble bitsAt(double error) {
    for (int i = 1; i < levels.size(); i++) {
      CodingFinding better = levels.get(i - 1);
      CodingFinding worse = levels.get(i);
      if (better.outputError() <= error && error <= worse.outputError()) {
        double whole = Math.log(worse.outputError() / better.outputError());
        double part = whole == 0 ? 0 : Math.log(error / better.outputError()) / whole;
        double bits = better.bitsPerValue() + part * (worse.bitsPerValue() - better.bitsPerValue());
        return OptionalDouble.of(bits);
      }
    }
    return OptionalDouble.empty();
  }
}
