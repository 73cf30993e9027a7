package dev.varve.sdk;

import dev.varve.offload.transfer.TransferStats;
import dev.varve.store.Tier;
import java.util.List;

/**
 * What a cache holds and has done since it was opened.
 *
 * @param tiers one entry per tier of this cache, nearest first
 * @param chunks chunks known
 * @param prompts prompts that asked for a prefix
 * @param promptTokens their tokens
 * @param reusedTokens how many of these were found
 * @param droppedPuts blocks that no lower tier had room for
 * @param lostBlocks reads that found no whole copy
 * @param refusedSessions saved sessions that failed a check when they were to be resumed
 * @param forgetting what sessions forgot and hold for themselves
 * @param mover what moving has done
 * @param transfers what was fetched and what was left to the engine
 */
public record CacheStats(
    List<TierStats> tiers,
    long chunks,
    long prompts,
    long promptTokens,
    long reusedTokens,
    long droppedPuts,
    long lostBlocks,
    long refusedSessions,
    ForgettingStats forgetting,
    MoverStats mover,
    TransferStats transfers) {

  public CacheStats {
    tiers = List.copyOf(tiers);
  }

  /** The entry of {@code tier}. */
  public TierStats tier(Tier tier) {
    return tiers.stream()
        .filter(entry -> entry.tier() == tier)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("this cache has no tier " + tier));
  }

  /**
   * One tier.
   *
   * @param blocks sealed blocks of this cache's model held
   * @param tokens tokens whose blocks are held, averaged over the layers that store blocks
   * @param bytes payload of these blocks
   * @param usedBytes bytes taken, with headers, padding, growing blocks and other models
   * @param capacityBytes bytes it may take
   * @param reads blocks read from it
   * @param readBytes their bytes
   * @param writes blocks written to it
   * @param damaged reads that failed a check
   */
  public record TierStats(
      Tier tier,
      long blocks,
      long tokens,
      long bytes,
      long usedBytes,
      long capacityBytes,
      long reads,
      long readBytes,
      long writes,
      long damaged) {}
}
