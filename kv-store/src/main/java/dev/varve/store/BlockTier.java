package dev.varve.store;

import java.lang.foreign.MemorySegment;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;

/**
 * A tier below HOT: stores encoded blocks by key, hands out copies, never a view that outlives the
 * call. Thread-safe. Every method but {@link #close} throws {@link IllegalStateException} after it.
 *
 * <p>A block is visible once it is complete; putting a key again that is already held leaves the
 * held block as it is, for a sealed block never changes.
 */
public interface BlockTier extends AutoCloseable {

  /** Which tier this is. */
  Tier tier();

  /**
   * Stores blocks in order until one does not fit. The stored ones become visible together.
   *
   * @throws IllegalArgumentException if a block could never fit, however empty the tier; nothing is
   *     stored then
   * @throws StoreException if the tier cannot be written; nothing of this call is stored then, and
   *     everything stored before stays
   * @return how many of {@code blocks}, counted from the first, are now held
   */
  int put(List<EncodedBlock> blocks);

  /**
   * Copies the payload of {@code key} to the front of {@code target} and checks it: header, full
   * key, length, checksum.
   *
   * @param target native memory, at least as long as the payload
   */
  ReadOutcome read(BlockKey key, MemorySegment target);

  /**
   * Copies and checks as {@link #read} does if nothing has to be waited for, neither a disk nor a
   * network nor another thread that reads or writes.
   *
   * @param target native memory, as long as the payload
   * @return false if that cannot be, the payload has another length or fails a check: {@link #read}
   *     tells which. A tier that is not memory knows no other answer
   */
  default boolean readNow(BlockKey key, MemorySegment target) {
    return false;
  }

  /**
   * Reads several blocks, each as {@link #read} does. A tier may ask its disk for all that lies
   * side by side at once, so name the blocks in the order in which they were put.
   *
   * @return an outcome for each of {@code wanted}, in this order
   */
  default List<ReadOutcome> readAll(List<BlockTarget> wanted) {
    return wanted.stream().map(one -> read(one.key(), one.target())).toList();
  }

  /**
   * Shows the payload of {@code key} to {@code reader} in place, after the same checks. The reader
   * may read the tier, but neither change nor close it: that is an {@link IllegalStateException}.
   */
  ReadOutcome with(BlockKey key, BlockReader reader);

  /** Forgets these blocks; keys that are not held are passed over. Returns how many were held. */
  int remove(Collection<BlockKey> keys);

  /**
   * Keys, cheapest to reclaim first, whose removal frees at least {@code bytes}; all keys if that
   * is not enough. A tier that frees space in large units returns whole units.
   */
  List<BlockKey> reclaimable(long bytes);

  /** Shows the header of every block held, in no particular order. */
  void forEach(Consumer<BlockHeader> consumer);

  /**
   * Has {@code listener} told of every change from here on, in place of the one before. What is
   * held already is not told: see {@link #forEach}.
   */
  default void listen(TierListener listener) {
    throw new UnsupportedOperationException(tier() + " cannot tell what enters and leaves");
  }

  /** How full the tier is now. */
  TierUsage usage();

  /** Bytes one block of {@code payloadBytes} takes here. */
  long footprint(int payloadBytes);

  /** Makes everything put so far survive a loss of power, where the tier can. */
  default void sync() {}

  /**
   * Does what is due of the tier's own upkeep; for whoever steps the cache.
   *
   * @return 0 if nothing was due
   */
  default int work() {
    return 0;
  }

  /** Ends the tier after the calls that are under way. Idempotent. */
  @Override
  void close();
}
