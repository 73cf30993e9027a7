package dev.varve.sdk;

import dev.varve.offload.transfer.TransferStats;
import dev.varve.store.Tier;
import java.util.List;
import java.util.Locale;

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
 * @param reading what sessions with a retrieval policy read
 * @param attending what steps that attend together had in common
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
    ReadingStats reading,
    AttendingStats attending,
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
   * @param bytes what these blocks take raw
   * @param usedBytes bytes taken, with headers, padding, growing blocks and other models
   * @param capacityBytes bytes it may take
   * @param reads blocks read from it
   * @param readBytes their bytes as they are stored
   * @param writes blocks written to it
   * @param damaged reads that failed a check
   * @param encoded what the tier's encoding has done
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
      long damaged,
      Encoded encoded) {}

  /**
   * How the blocks were written that a tier took since the cache was opened.
   *
   * @param encoding name of the encoding that the tier asks for
   * @param rawBytes what the blocks take raw
   * @param writtenBytes what they took as they were written
   * @param unapplied blocks that stayed raw because the encoding refused them or made them no
   *     smaller
   * @param passedOn blocks that are in the encoding of another tier, because what was sealed was
   *     gone when they came
   */
  public record Encoded(
      String encoding, long rawBytes, long writtenBytes, long unapplied, long passedOn) {

    /** What the log says when a cache closes. */
    String sentence(Tier tier) {
      return String.format(
          Locale.ROOT,
          "%s wrote %d bytes of blocks as %s in %d bytes, ratio %.2f; %d blocks stayed raw because"
              + " it did not apply, %d stayed as another tier had them",
          tier,
          rawBytes,
          encoding,
          writtenBytes,
          ratio(),
          unapplied,
          passedOn);
    }

    /** Raw over written; 1 before the first block. */
    public double ratio() {
      return writtenBytes == 0 ? 1 : (double) rawBytes / writtenBytes;
    }
  }
}
