package dev.varve.offload.transfer;

import dev.varve.store.Tier;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * How much of a stored prefix is taken over, and the numbers that say why.
 *
 * @param outcome what was decided
 * @param chunksMatched chunks that the tiers hold whole, from the front of the prompt
 * @param chunksTaken how many of them, from the front, are taken over; the engine computes the rest
 * @param chunkTokens tokens of a chunk
 * @param taken predicted times of the chunks that are taken
 * @param left predicted times of the chunks that are left to the engine
 * @param fetches what taking them reads, tier by tier, nearest first
 */
public record TransferDecision(
    Outcome outcome,
    int chunksMatched,
    int chunksTaken,
    int chunkTokens,
    Prediction taken,
    Prediction left,
    List<TierFetch> fetches) {

  /** What may be decided. */
  public enum Outcome {
    /** Nothing was matched. */
    NO_MATCH,
    /** All that was matched is hot: there is nothing to fetch. */
    ALL_HOT,
    /** All that was matched is fetched, for that is predicted to be cheaper. */
    FETCH,
    /** The front is fetched and the rest computed. */
    SPLIT,
    /** Nothing is taken over: computing all is predicted to be cheaper. */
    RECOMPUTE,
    /** All is fetched, for the engine's prefill cost is not known. */
    COST_UNKNOWN,
    /** All is fetched, for the speed of a tier is not known. */
    SPEED_UNKNOWN
  }

  /**
   * Two ways to the same keys and values.
   *
   * @param fetchSeconds to read them; 0 where a speed is unknown
   * @param computeSeconds to compute them; 0 where the cost is unknown; may be infinite
   */
  public record Prediction(double fetchSeconds, double computeSeconds) {}

  public TransferDecision {
    fetches = List.copyOf(fetches);
  }

  /** Matched tokens that the engine need not compute. */
  public long tokensTaken() {
    return (long) chunksTaken * chunkTokens;
  }

  /** Matched tokens that the engine computes all the same. */
  public long tokensLeft() {
    return (long) (chunksMatched - chunksTaken) * chunkTokens;
  }

  /** Blocks that are fetched. */
  public long blocksFetched() {
    return fetches.stream().mapToLong(TierFetch::blocks).sum();
  }

  /** The share of {@link #fetches} that comes out of {@code tier}. */
  public TierFetch fetch(Tier tier) {
    return fetches.stream()
        .filter(fetch -> fetch.tier() == tier)
        .findFirst()
        .orElse(new TierFetch(tier, 0, 0, 0));
  }

  /** The decision and its numbers, in one or two lines. */
  public String explain() {
    return switch (outcome) {
      case NO_MATCH -> "nothing is stored of this prompt";
      case ALL_HOT -> matched() + " are hot: nothing to fetch";
      case COST_UNKNOWN -> fetched() + ": the engine's prefill cost is unknown";
      case SPEED_UNKNOWN -> fetched() + ": the speed of a tier is unknown";
      case FETCH -> fetched() + compared(taken);
      case SPLIT -> fetched() + compared(taken) + "\n" + leftOver();
      case RECOMPUTE -> "fetch none of " + matched() + "\n" + leftOver();
    };
  }

  private String matched() {
    return chunksMatched + " matched chunks (" + (tokensTaken() + tokensLeft()) + " tokens)";
  }

  private String fetched() {
    String tiers =
        fetches.stream()
            .map(fetch ->
                "%s %d blocks, %d bytes, %s"
                    .formatted(fetch.tier(), fetch.blocks(), fetch.bytes(), time(fetch.seconds())))
            .collect(Collectors.joining("; "));
    return "fetch " + chunksTaken + " of " + matched() + " [" + tiers + "]";
  }

  private static String compared(Prediction prediction) {
    return ": "
        + time(prediction.fetchSeconds())
        + " against "
        + time(prediction.computeSeconds())
        + " of prefill";
  }

  private String leftOver() {
    return "compute "
        + tokensLeft()
        + " tokens: "
        + time(left.computeSeconds())
        + " against "
        + time(left.fetchSeconds())
        + " of fetching";
  }

  private static String time(double seconds) {
    return String.format(Locale.ROOT, "%.3f ms", seconds * 1e3);
  }
}
