package dev.varve.offload.transfer;

import dev.varve.store.Checks;
import java.util.Optional;

/**
 * Latency and bandwidth of one tier, learnt from reads of known length; the last few dozen count
 * most. Between sizes that were not read lately the split of the two is a guess that leans on
 * bandwidth; the time of a size that is read is not. Thread-safe.
 */
public final class TierSpeed {

  private static final double NANOS = 1e9;

  private final LineFit fit = new LineFit(LineFit.Lean.PROPORTIONAL);

  /** Notes that a block of {@code bytes} was read in {@code nanos}. */
  public synchronized void read(long bytes, long nanos) {
    Checks.positive(bytes, "bytes");
    fit.add((double) bytes, Math.max(0, nanos) / NANOS, 1);
  }

  /** What is known now; empty before the first read. */
  public synchronized Optional<TierRate> rate() {
    if (fit.points() == 0) {
      return Optional.empty();
    }
    LineFit.Line line = fit.line();
    return Optional.of(new TierRate(line.intercept(), line.slope()));
  }
}
