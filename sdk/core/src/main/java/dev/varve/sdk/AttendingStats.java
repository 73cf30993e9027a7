package dev.varve.sdk;

/**
 * What {@linkplain KvBatch batches} of steps had in common since the cache was opened. A look is
 * one layer at one step of one session.
 *
 * @param together looks that read shared blocks once for all
 * @param alone looks of sessions in batches that attended by themselves: they choose what they
 *     read, or have a policy that forgets
 * @param blocks sealed blocks that were read for batches
 * @param blockUses how often these would have been read by one session after the other
 */
public record AttendingStats(long together, long alone, long blocks, long blockUses) {

  /** How many sessions one read of a block served, on average; 1 before the first. */
  public double sharing() {
    return blocks == 0 ? 1 : (double) blockUses / blocks;
  }
}
