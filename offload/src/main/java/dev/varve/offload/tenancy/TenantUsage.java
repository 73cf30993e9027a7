package dev.varve.offload.tenancy;

import dev.varve.store.Tenant;
import java.util.Optional;

/**
 * What one tenant keeps and has asked for. Counters start when the cache is opened.
 *
 * @param tenant the keyed hash of a salt, never the salt
 * @param chunks chunks known, of any model
 * @param hot blocks in HOT, which no quota counts, with the bytes of their payloads
 * @param host blocks in HOST
 * @param ssd blocks on SSD
 * @param quota its limit and how much of it is taken; empty if it has none
 * @param prompts prompts that asked for a prefix
 * @param hits chunks that they found and took over
 * @param droppedPuts blocks that its quota had no room for
 * @param displaced chunks that left to keep it within its quota
 */
public record TenantUsage(
    Tenant tenant,
    long chunks,
    StoredBytes hot,
    StoredBytes host,
    StoredBytes ssd,
    Optional<QuotaUse> quota,
    long prompts,
    long hits,
    long droppedPuts,
    long displaced) {

  /**
   * A quota in use.
   *
   * @param bytes the limit
   * @param own whether it is this tenant's alone, so that nobody else's blocks take its room
   * @param counted what counts against it: every chunk below HOT once, with the larger of its
   *     copies
   */
  public record QuotaUse(long bytes, boolean own, long counted) {}
}
