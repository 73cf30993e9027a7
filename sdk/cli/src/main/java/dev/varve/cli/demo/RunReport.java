package dev.varve.cli.demo;

import dev.varve.sdk.CacheStats;
import java.util.List;

/**
 * What one run did. Times are seconds.
 *
 * @param process id of the process
 * @param promptTokens tokens of the prompt
 * @param reusedTokens how many of them were found in the store
 * @param openSeconds opening the model and the store
 * @param prefillSeconds from the prompt to its logits, look-up in the store included
 * @param firstTokenSeconds from the prompt to the first generated token
 * @param decodeSeconds from the first generated token to the last
 * @param tokenIds the generated tokens
 * @param text their text
 * @param tiers nearest first, at the end of the run
 * @param lostBlocks reads that found no whole copy
 * @param droppedBlocks blocks that no lower tier had room for
 */
public record RunReport(
    long process,
    int promptTokens,
    int reusedTokens,
    double openSeconds,
    double prefillSeconds,
    double firstTokenSeconds,
    double decodeSeconds,
    List<Integer> tokenIds,
    String text,
    List<TierReport> tiers,
    long lostBlocks,
    long droppedBlocks) {

  public RunReport {
    tokenIds = List.copyOf(tokenIds);
    tiers = List.copyOf(tiers);
  }

  /**
   * One tier.
   *
   * @param tier its name
   * @param blocks sealed blocks it holds
   * @param tokens tokens whose blocks it holds, averaged over the layers
   * @param bytes what these blocks take raw
   * @param capacityBytes bytes it may take
   * @param hits blocks read from it during the run
   * @param hitBytes their bytes
   * @param writes blocks written to it during the run
   * @param encoding how it writes them
   * @param rawBytes what the blocks written take raw
   * @param writtenBytes what they took
   * @param unapplied blocks that stayed raw because the encoding did not apply
   * @param passedOn blocks that are in the encoding of another tier
   */
  public record TierReport(
      String tier,
      long blocks,
      long tokens,
      long bytes,
      long capacityBytes,
      long hits,
      long hitBytes,
      long writes,
      String encoding,
      long rawBytes,
      long writtenBytes,
      long unapplied,
      long passedOn) {

    /** Raw over written; 1 before the first block. */
    public double ratio() {
      return writtenBytes == 0 ? 1 : (double) rawBytes / writtenBytes;
    }

    /** What a tier reports of itself. */
    public static TierReport of(CacheStats.TierStats stats) {
      return new TierReport(
          stats.tier().name(),
          stats.blocks(),
          stats.tokens(),
          stats.bytes(),
          stats.capacityBytes(),
          stats.reads(),
          stats.readBytes(),
          stats.writes(),
          stats.encoded().encoding(),
          stats.encoded().rawBytes(),
          stats.encoded().writtenBytes(),
          stats.encoded().unapplied(),
          stats.encoded().passedOn());
    }
  }

  /** Generated tokens a second after the first; 0 if there was one only. */
  public double tokensPerSecond() {
    return decodeSeconds > 0 ? (tokenIds.size() - 1) / decodeSeconds : 0;
  }
}
