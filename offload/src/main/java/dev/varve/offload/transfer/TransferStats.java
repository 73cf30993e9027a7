package dev.varve.offload.transfer;

import dev.varve.offload.transfer.TransferDecision.Outcome;
import dev.varve.store.Tier;
import java.util.Map;
import java.util.Optional;

/**
 * What was decided about stored prefixes, and how well it was predicted.
 *
 * @param decisions how often each outcome was decided; outcomes that never were are left out
 * @param fetchedTokens tokens of chunks that were matched and taken over, hot ones included
 * @param recomputedTokens tokens of chunks that were matched and left to the engine
 * @param accuracy of the predictions that could be compared with a clock
 * @param rates speed of each tier as known now; unknown tiers are left out
 * @param prefillCost the engine's cost as known now
 */
public record TransferStats(
    Map<Outcome, Long> decisions,
    long fetchedTokens,
    long recomputedTokens,
    Accuracy accuracy,
    Map<Tier, TierRate> rates,
    Optional<PrefillCost> prefillCost) {

  public TransferStats {
    decisions = Map.copyOf(decisions);
    rates = Map.copyOf(rates);
  }

  /** How often {@code outcome} was decided. */
  public long decisions(Outcome outcome) {
    return decisions.getOrDefault(outcome, 0L);
  }

  /**
   * Predicted against measured fetches: of decisions whose far blocks were read at once, as
   * planned.
   *
   * @param fetches how many were compared
   * @param predictedSeconds their predicted time, summed up
   * @param measuredSeconds their measured time, summed up
   * @param errorSeconds the sizes of their errors, summed up
   */
  public record Accuracy(
      long fetches, double predictedSeconds, double measuredSeconds, double errorSeconds) {

    /** Error against measured time; 0 before the first comparison. */
    public double relativeError() {
      return measuredSeconds == 0 ? 0 : errorSeconds / measuredSeconds;
    }
  }
}
