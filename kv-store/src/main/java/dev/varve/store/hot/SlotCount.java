package dev.varve.store.hot;

import dev.varve.store.Checks;
import dev.varve.store.StoreException;

/**
 * How a hot tier is cut into slots.
 *
 * @param slots number of slots
 * @param slotBytes bytes of one, a multiple of 4096
 */
public record SlotCount(int slots, long slotBytes) {
  /** Slots begin at multiples of this. */
  public static final long ALIGNMENT = 4096;

  /**
   * The slots of a tier.
   *
   * @param capacityBytes memory of the tier, rounded down to whole slots
   * @param blockBytes largest block to be held
   * @throws StoreException if that is no slot, or too many
   */
  public static SlotCount of(long capacityBytes, long blockBytes) {
    long slotBytes = (Checks.positive(blockBytes, "blockBytes") + ALIGNMENT - 1) & -ALIGNMENT;
    long count = capacityBytes / slotBytes;
    if (count < 1 || count > HotPool.MAX_SLOTS) {
      throw new StoreException(
          "a hot tier of "
              + capacityBytes
              + " bytes holds "
              + count
              + " slots of "
              + slotBytes
              + " bytes; it must hold between 1 and "
              + HotPool.MAX_SLOTS
              + ": change its size or the block size");
    }
    return new SlotCount((int) count, slotBytes);
  }

  /** Bytes of all slots. */
  public long bytes() {
    return slots * slotBytes;
  }
}
