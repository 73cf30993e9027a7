package dev.varve.offload.transfer;

import dev.varve.offload.transfer.TransferDecision.Outcome;
import dev.varve.store.Chunk;
import dev.varve.store.ModelGeometry;
import dev.varve.store.Tier;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Decides about the matches of one cache with what was measured and reported so far, and counts
 * what was decided. Thread-safe.
 */
public final class Transfers {

  private final ModelGeometry geometry;
  private final TierSpeeds speeds;
  private final PrefillMeter prefill;
  private final Map<Outcome, Long> decisions = new EnumMap<>(Outcome.class);
  private long fetchedTokens;
  private long recomputedTokens;
  private long compared;
  private double predictedSeconds;
  private double measuredSeconds;
  private double errorSeconds;

  /**
   * @param configured the engine's cost until it reports one
   */
  public Transfers(ModelGeometry geometry, TierSpeeds speeds, Optional<PrefillCost> configured) {
    this.geometry = geometry;
    this.speeds = speeds;
    this.prefill = new PrefillMeter(configured);
  }

  /** What the engine's prefill takes. */
  public PrefillMeter prefill() {
    return prefill;
  }

  /** How many of {@code chain}, chunks that the tiers hold whole, to take over. */
  public TransferDecision decide(List<Chunk> chain) {
    return new TransferPlanner(speeds.rates(), prefill.cost())
        .decide(FetchTable.of(chain, geometry), geometry.blockTokens());
  }

  /** A tally for the reads of one decision. */
  public FetchTally newTally() {
    return new FetchTally(speeds);
  }

  /**
   * Counts a decision that was carried out.
   *
   * @param chunks how many were taken over in the end: less than decided if some were damaged
   * @param tally saw the reads beyond HOST
   */
  public synchronized void done(TransferDecision decision, int chunks, FetchTally tally) {
    decisions.merge(decision.outcome(), 1L, Long::sum);
    fetchedTokens += (long) chunks * decision.chunkTokens();
    recomputedTokens += (long) (decision.chunksMatched() - chunks) * decision.chunkTokens();
    if (tally.reads() > 0
        && decision.outcome() != Outcome.SPEED_UNKNOWN
        && tally.reads() == beyondHostBlocks(decision)) {
      double predicted =
          decision.fetches().stream()
              .filter(fetch -> beyondHost(fetch.tier()))
              .mapToDouble(TierFetch::seconds)
              .sum();
      compared++;
      predictedSeconds += predicted;
      measuredSeconds += tally.seconds();
      errorSeconds += Math.abs(predicted - tally.seconds());
    }
  }

  private static long beyondHostBlocks(TransferDecision decision) {
    return decision.fetches().stream()
        .filter(fetch -> beyondHost(fetch.tier()))
        .mapToLong(TierFetch::blocks)
        .sum();
  }

  private static boolean beyondHost(Tier tier) {
    return tier.compareTo(Tier.HOST) > 0;
  }

  /** What was decided and measured so far. */
  public synchronized TransferStats stats() {
    return new TransferStats(
        decisions,
        fetchedTokens,
        recomputedTokens,
        new TransferStats.Accuracy(compared, predictedSeconds, measuredSeconds, errorSeconds),
        speeds.rates(),
        prefill.cost());
  }
}
