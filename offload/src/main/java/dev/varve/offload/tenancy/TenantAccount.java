package dev.varve.offload.tenancy;

import dev.varve.store.BlockHeader;
import dev.varve.store.ChainKey;
import dev.varve.store.ChunkKey;
import dev.varve.store.Tenant;
import dev.varve.store.Tier;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * What one tenant stores below HOT. Where a quota is set, every chunk of the tenant has a row: what
 * it takes in each tier, when it was last used, and what it continues. Thread-safe.
 */
final class TenantAccount {

  private final Tenant tenant;
  private final OptionalLong quota;
  private final boolean own;
  private final Map<Tier, StoredBytes> stored = new EnumMap<>(Tier.class);
  private final QuotaRows rows = new QuotaRows();
  final LongAdder prompts = new LongAdder();
  final LongAdder hits = new LongAdder();
  final LongAdder droppedPuts = new LongAdder();
  final LongAdder displaced = new LongAdder();

  TenantAccount(Tenant tenant, OptionalLong quota, boolean own) {
    this.tenant = tenant;
    this.quota = quota;
    this.own = own;
  }

  /** A tier holds one more block. */
  synchronized void entered(Tier tier, BlockHeader header, long bytes, long tick) {
    stored.merge(tier, new StoredBytes(1, bytes), (a, b) -> a.plus(b.blocks(), b.bytes()));
    if (quota.isPresent()) {
      rows.known(header.key().chunk(), header.parent().digest().first(), tick);
      rows.add(header.key().chunk(), tier, bytes);
    }
  }

  /** A tier holds one block less. */
  synchronized void left(Tier tier, BlockHeader header, long bytes) {
    stored.merge(tier, new StoredBytes(-1, -bytes), (a, b) -> a.plus(b.blocks(), b.bytes()));
    if (quota.isPresent()) {
      rows.add(header.key().chunk(), tier, -bytes);
    }
  }

  /** A chunk was sealed. */
  synchronized void known(ChunkKey key, ChainKey parent, long tick) {
    if (quota.isPresent()) {
      rows.known(key, parent.digest().first(), tick);
    }
  }

  /** A chunk left the catalog; what tiers still hold of it is on its way out. */
  synchronized void forgotten(ChunkKey key, boolean knownAgain) {
    if (quota.isPresent()) {
      rows.forgotten(key, knownAgain);
    }
  }

  /** A prompt took over this chunk. */
  synchronized void used(ChunkKey key, long tick) {
    if (quota.isPresent()) {
      rows.used(key, tick);
    }
  }

  /** Whether {@code bytes} more fit. */
  synchronized boolean hasRoomFor(long bytes) {
    return quota.isEmpty() || rows.counted() + bytes <= quota.getAsLong();
  }

  /** What must leave so that {@code bytes} more fit: at most all. */
  synchronized long excess(long bytes) {
    return quota.isEmpty()
        ? 0
        : rows.counted() - Math.max(0, quota.getAsLong() - Math.min(bytes, quota.getAsLong()));
  }

  OptionalLong quota() {
    return quota;
  }

  /** Whether nobody else's blocks may take this tenant's room. */
  boolean own() {
    return own;
  }

  /** For {@link LeafChoice}, under this account's lock. */
  QuotaRows rows() {
    return rows;
  }

  synchronized TenantUsage usage(long chunks, StoredBytes hot) {
    return new TenantUsage(
        tenant,
        chunks,
        hot,
        stored.getOrDefault(Tier.HOST, StoredBytes.NONE),
        stored.getOrDefault(Tier.SSD, StoredBytes.NONE),
        quota.isPresent()
            ? Optional.of(new TenantUsage.QuotaUse(quota.getAsLong(), own, rows.counted()))
            : Optional.empty(),
        prompts.sum(),
        hits.sum(),
        droppedPuts.sum(),
        displaced.sum());
  }
}
