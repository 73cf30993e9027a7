package dev.varve.offload.transfer;

import dev.varve.offload.transfer.TransferDecision.Outcome;
import dev.varve.offload.transfer.TransferDecision.Prediction;
import dev.varve.store.Tier;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Decides how many chunks of a match to take over: of all its prefixes the one for which fetching
 * it and computing the rest of the match is predicted to take least, the longest of equals. Without
 * a state: what is known comes in, the decision goes out.
 */
public final class TransferPlanner {

  private final Map<Tier, TierRate> rates;
  private final Optional<PrefillCost> cost;

  /**
   * @param rates what is known of each tier's speed; tiers without an entry are unknown
   * @param cost what is known of the engine's prefill
   */
  public TransferPlanner(Map<Tier, TierRate> rates, Optional<PrefillCost> cost) {
    this.rates = Map.copyOf(rates);
    this.cost = cost;
  }

  /** Decides for a match of {@code chunkTokens} tokens per chunk, whose end is usable. */
  public TransferDecision decide(FetchTable table, int chunkTokens) {
    int matched = table.chunks();
    List<TierFetch> all = table.fetches(matched, rates);
    if (matched == 0) {
      return whole(Outcome.NO_MATCH, table, chunkTokens, all);
    }
    if (all.isEmpty()) {
      return whole(Outcome.ALL_HOT, table, chunkTokens, all);
    }
    if (cost.isEmpty()) {
      return whole(Outcome.COST_UNKNOWN, table, chunkTokens, all);
    }
    if (!rates.keySet().containsAll(table.tiers())) {
      return whole(Outcome.SPEED_UNKNOWN, table, chunkTokens, all);
    }
    return cheapest(table, chunkTokens, cost.get());
  }

  private TransferDecision whole(
      Outcome outcome, FetchTable table, int chunkTokens, List<TierFetch> fetches) {
    int chunks = table.chunks();
    double compute = cost.map(known -> known.seconds(0, (long) chunks * chunkTokens)).orElse(0.0);
    Prediction taken = new Prediction(table.seconds(chunks, rates), compute);
    return new TransferDecision(
        outcome, chunks, chunks, chunkTokens, taken, new Prediction(0, 0), fetches);
  }

  private TransferDecision cheapest(FetchTable table, int chunkTokens, PrefillCost prefill) {
    int matched = table.chunks();
    long end = (long) matched * chunkTokens;
    int best = matched;
    double least = table.seconds(matched, rates);
    for (int n = matched - 1; n >= 0; n--) {
      if (table.usable(n)) {
        double total = table.seconds(n, rates) + prefill.seconds((long) n * chunkTokens, end);
        if (total < least) {
          least = total;
          best = n;
        }
      }
    }
    long cut = (long) best * chunkTokens;
    List<TierFetch> fetches = table.fetches(best, rates);
    double fetch = table.seconds(best, rates);
    double rest = Math.max(0, table.seconds(matched, rates) - fetch);
    return new TransferDecision(
        best == matched ? Outcome.FETCH : best == 0 ? Outcome.RECOMPUTE : Outcome.SPLIT,
        matched,
        best,
        chunkTokens,
        new Prediction(fetch, prefill.seconds(0, cut)),
        new Prediction(rest, prefill.seconds(cut, end)),
        fetches);
  }
}
