package dev.varve.sdk;

import dev.varve.sdk.attention.AttentionCost;
import java.util.List;

/**
 * How attention read sealed blocks since the cache was opened: what {@linkplain KvBatch batches} of
 * steps had in common, and what was attended below HOT. A look is one layer at one step of one
 * session.
 *
 * @param together looks that read shared blocks once for all
 * @param alone looks of sessions in batches that attended by themselves: they choose what they
 *     read, or have a policy that forgets
 * @param blocks sealed blocks that were read for batches
 * @param blockUses how often these would have been read by one session after the other
 * @param broughtUp blocks below HOT that were copied up and attended there
 * @param inPlace blocks below HOT that were attended where they lie
 * @param decisions the last decision between these two for every kind of block, and why
 */
public record AttendingStats(
    long together,
    long alone,
    long blocks,
    long blockUses,
    long broughtUp,
    long inPlace,
    List<AttentionCost> decisions) {

  public AttendingStats {
    decisions = List.copyOf(decisions);
  }

  /** How many sessions one read of a block served, on average; 1 before the first. */
  public double sharing() {
    return blocks == 0 ? 1 : (double) blockUses / blocks;
  }
}
