package dev.varve.sdk;

import dev.varve.offload.tenancy.Pin;
import dev.varve.sdk.internal.Keeping;
import dev.varve.store.Tenant;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How long a cache keeps what it stores. Times and pins survive a restart where there is an SSD
 * tier. Thread-safe; throws {@link IllegalStateException} once the cache is closed.
 *
 * <p>A prefix is given by token ids from position 0 and means its whole blocks; at least one.
 */
public final class Retention {

  private final Runnable checkOpen;
  private final Keeping keeping;

  Retention(Runnable checkOpen, Keeping keeping) {
    this.checkOpen = checkOpen;
    this.keeping = keeping;
  }

  /** The same as {@link #expireAt}, {@code timeToLive} from now. */
  public int expireAfter(Tenant tenant, int[] tokenIds, Duration timeToLive) {
    checkOpen.run();
    return keeping.expire(tenant, tokenIds, keeping.in(timeToLive));
  }

  /**
   * Has the last whole block of {@code tokenIds} and everything that continues it, now or later,
   * expire at {@code moment}, whatever was said before; the blocks before it are kept at least as
   * long. A chunk that has expired is never found; {@link KvCache#work} removes it.
   *
   * @return chunks stored now that expire then
   * @throws IllegalArgumentException if the moment is not in the future
   */
  public int expireAt(Tenant tenant, int[] tokenIds, Instant moment) {
    checkOpen.run();
    return keeping.expire(tenant, tokenIds, moment);
  }

  /** Pins until {@link #unpin}. */
  public Pin pin(Tenant tenant, int[] tokenIds) {
    checkOpen.run();
    return keeping.pin(tenant, tokenIds, Optional.empty());
  }

  /**
   * Keeps the longest stored front of {@code tokenIds} whatever else needs room, and writes it to
   * the SSD tier where there is one. A pinned chunk leaves neither for a full tier nor for a quota;
   * expiry and erasure go before a pin.
   *
   * @throws IllegalArgumentException if {@code until} is not in the future, nothing is stored of
   *     these tokens, all pins together would exceed {@link #pinLimitBytes}, or the SSD tier has no
   *     room for the blocks: nothing is pinned then
   */
  public Pin pin(Tenant tenant, int[] tokenIds, Instant until) {
    checkOpen.run();
    return keeping.pin(tenant, tokenIds, Optional.of(until));
  }

  /** Ends a pin; false if there is none of this id. */
  public boolean unpin(long id) {
    checkOpen.run();
    return keeping.rules().unpin(id);
  }

  /** The pins that last, oldest first. */
  public List<Pin> pins() {
    checkOpen.run();
    return keeping.rules().pins();
  }

  /** Payload bytes of all pinned chunks, each counted once. */
  public long pinnedBytes() {
    checkOpen.run();
    return keeping.rules().pinnedBytes();
  }

  /** The most of them. */
  public long pinLimitBytes() {
    checkOpen.run();
    return keeping.rules().pinLimit();
  }

  /** Places of the retention journal that failed a check when the cache was opened. */
  public long damagedRecords() {
    checkOpen.run();
    return keeping.damagedRecords();
  }
}
