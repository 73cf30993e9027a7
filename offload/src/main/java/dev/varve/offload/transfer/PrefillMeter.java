package dev.varve.offload.transfer;

import dev.varve.store.Checks;
import java.util.Optional;

/**
 * Learns the cost of prefill from what an engine reports; recent reports count most. Thread-safe.
 */
public final class PrefillMeter {

  private static final double NANOS = 1e9;

  private final LineFit perToken = new LineFit(LineFit.Lean.CONSTANT);
  private final Optional<PrefillCost> start;

  /**
   * @param start holds until the first report
   */
  public PrefillMeter(Optional<PrefillCost> start) {
    this.start = start;
  }

  /**
   * Notes that a prefill of {@code tokens} from position {@code fromPosition} on took {@code
   * nanos}.
   */
  public synchronized void report(int tokens, int fromPosition, long nanos) {
    Checks.positive(tokens, "tokens");
    Checks.notNegative(fromPosition, "fromPosition");
    if (nanos < 0) {
      throw new IllegalArgumentException("nanos must not be negative: " + nanos);
    }
    double middle = fromPosition + (tokens - 1) / 2.0;
    perToken.add(middle, nanos / NANOS / tokens, tokens);
  }

  /** What is known now; empty if nothing was configured or reported. */
  public synchronized Optional<PrefillCost> cost() {
    if (perToken.points() == 0) {
      return start;
    }
    LineFit.Line line = perToken.line();
    return Optional.of(new PrefillCost(line.intercept(), line.slope()));
  }
}
