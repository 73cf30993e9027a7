package dev.varve.sdk;

/**
 * What sessions with a retrieval policy read since the cache was opened. A look is one layer at one
 * step; a row is one token of one KV head of one layer.
 *
 * @param selected looks that read a choice of rows
 * @param building looks that read everything because the index did not cover the sealed blocks yet
 * @param whole looks that read everything because no more is held than may be read
 * @param rowsAttended rows read by the first of these
 * @param rowsHeld rows that they could have read
 * @param rowsSkipped chosen rows that were not there in time
 * @param bytesScored bytes of summaries or keys that were read to choose
 * @param hotBlocks sealed blocks with chosen rows that were hot
 * @param farBlocks those that came from a lower tier
 * @param skippedBlocks those that were not there in time
 * @param hotBytes bytes of the hot ones
 * @param prefetchedBytes bytes of those that were read ahead of the step
 * @param lateBytes bytes of those that the step read itself
 * @param broughtUpBytes bytes of blocks that steps went on without and that came up behind them
 * @param bounded looks whose index bounded the attention on what was not read
 * @param skippedMassBound mean of these bounds: at most this share of the attention was missed
 * @param indexBytes memory of the indices of open sessions, keys that they hold near included
 * @param parkedRows rows read that the session had forgotten and parked
 * @param restoredIndices indices that were found beside their prefix
 * @param damagedIndices stored indices that failed a check
 */
public record ReadingStats(
    long selected,
    long building,
    long whole,
    long rowsAttended,
    long rowsHeld,
    long rowsSkipped,
    long bytesScored,
    long hotBlocks,
    long farBlocks,
    long skippedBlocks,
    long hotBytes,
    long prefetchedBytes,
    long lateBytes,
    long broughtUpBytes,
    long bounded,
    double skippedMassBound,
    long indexBytes,
    long parkedRows,
    long restoredIndices,
    long damagedIndices) {

  /** Share of the rows that were read; 1 before the first choice. */
  public double attendedShare() {
    return rowsHeld == 0 ? 1 : (double) rowsAttended / rowsHeld;
  }

  /** Share of the blocks with chosen rows that were hot; 1 before the first. */
  public double hitRate() {
    long blocks = hotBlocks + farBlocks + skippedBlocks;
    return blocks == 0 ? 1 : (double) hotBlocks / blocks;
  }
}
