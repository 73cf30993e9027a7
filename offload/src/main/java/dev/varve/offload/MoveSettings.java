package dev.varve.offload;

import dev.varve.store.Tier;
import java.util.EnumMap;
import java.util.Map;

/**
 * How blocks are moved.
 *
 * @param marks when each tier counts as full; {@link Watermarks#DEFAULT} for tiers that are missing
 * @param retries what happens to blocks that a tier cannot write for a while
 * @param prefetchShare share of the hot slots that prefetches which are running may fill, together
 * @param readAheadBlocks hot slots that one session's step may have filled ahead of its attention;
 *     0 for none
 */
public record MoveSettings(
    Map<Tier, Watermarks> marks, RetryLimits retries, double prefetchShare, int readAheadBlocks) {

  /** A quarter of the hot slots for prefetches, eight blocks read ahead, defaults for the rest. */
  public static final MoveSettings DEFAULT =
      new MoveSettings(Map.of(), RetryLimits.DEFAULT, 0.25, 8);

  public MoveSettings {
    marks = Map.copyOf(marks);
    if (!(prefetchShare > 0 && prefetchShare <= 1)) {
      throw new IllegalArgumentException(
          "prefetchShare must lie above 0 and not above 1: " + prefetchShare);
    }
    if (readAheadBlocks < 0) {
      throw new IllegalArgumentException(
          "readAheadBlocks must not be negative: " + readAheadBlocks);
    }
  }

  /** When {@code tier} counts as full. */
  public Watermarks marks(Tier tier) {
    return marks.getOrDefault(tier, Watermarks.DEFAULT);
  }

  /** The same with other marks for one tier. */
  public MoveSettings with(Tier tier, Watermarks watermarks) {
    EnumMap<Tier, Watermarks> changed = new EnumMap<>(Tier.class);
    changed.putAll(marks);
    changed.put(tier, watermarks);
    return new MoveSettings(changed, retries, prefetchShare, readAheadBlocks);
  }

  /** The same with other limits for blocks that wait. */
  public MoveSettings with(RetryLimits limits) {
    return new MoveSettings(marks, limits, prefetchShare, readAheadBlocks);
  }
}
