package dev.varve.offload.tenancy;

import dev.varve.store.BlockHeader;
import dev.varve.store.BlockTier;
import dev.varve.store.ChainKey;
import dev.varve.store.Chunk;
import dev.varve.store.ChunkCatalog;
import dev.varve.store.ChunkKey;
import dev.varve.store.Tenant;
import dev.varve.store.TierListener;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Who keeps how much below HOT, kept up to date by what the tiers tell, and whose chunks must leave
 * for a quota. Thread-safe.
 */
public final class TenantLedger {

  /**
   * The part of a quota that may be freed on top at once, so that the choice is not made for every
   * block.
   */
  private static final int SLACK = 32;

  private final ChunkCatalog catalog;
  private final QuotaConfig quotas;
  private final Map<Tenant, TenantAccount> accounts = new ConcurrentHashMap<>();
  private final AtomicLong ticks = new AtomicLong();

  public TenantLedger(ChunkCatalog catalog, QuotaConfig quotas) {
    this.catalog = catalog;
    this.quotas = quotas;
  }

  /** Counts what {@code tier} holds, and from here on what enters and leaves it. */
  public void follow(BlockTier tier) {
    TierListener listener = listener(tier);
    tier.listen(listener);
    tier.forEach(listener::entered);
  }

  private TierListener listener(BlockTier tier) {
    return new TierListener() {
      @Override
      public void entered(BlockHeader header) {
        long bytes = tier.footprint(header.payloadBytes());
        account(header.key().chunk().tenant())
            .entered(tier.tier(), header, bytes, ticks.incrementAndGet());
      }

      @Override
      public void left(BlockHeader header) {
        long bytes = tier.footprint(header.payloadBytes());
        account(header.key().chunk().tenant()).left(tier.tier(), header, bytes);
      }
    };
  }

  /** Notes that a chunk was sealed and entered in the catalog. */
  public void sealed(ChunkKey key, ChainKey parent) {
    account(key.tenant()).known(key, parent, ticks.incrementAndGet());
  }

  /** Notes that the catalog let go of {@code chunk}. */
  public void forgotten(Chunk chunk) {
    ChunkKey key = chunk.key();
    account(key.tenant()).forgotten(key, catalog.peek(key) != null);
  }

  /** Notes that a prompt of {@code tenant} took over these chunks. */
  public void matched(Tenant tenant, Collection<Chunk> found) {
    TenantAccount account = account(tenant);
    account.prompts.increment();
    account.hits.add(found.size());
    long tick = ticks.incrementAndGet();
    found.forEach(chunk -> account.used(chunk.key(), tick));
  }

  /** Notes that pieces of an object were read, which no prompt asked for. */
  public void used(Tenant tenant, Collection<Chunk> pieces) {
    if (!unlimited()) {
      TenantAccount account = account(tenant);
      long tick = ticks.incrementAndGet();
      pieces.forEach(piece -> account.used(piece.key(), tick));
    }
  }

  /** Whether this tenant has room that nobody else's blocks take. */
  boolean hasOwnRoom(Tenant tenant) {
    return quotas.own().containsKey(tenant);
  }

  boolean hasRoomFor(Tenant tenant, long bytes) {
    return quotas.isEmpty() || account(tenant).hasRoomFor(bytes);
  }

  void dropped(Tenant tenant) {
    account(tenant).droppedPuts.increment();
  }

  boolean unlimited() {
    return quotas.isEmpty();
  }

  /**
   * The chunks of {@code tenant} that must leave before {@code bytes} more fit its quota, children
   * before parents; less where too few may leave.
   */
  List<ChunkKey> leavers(Tenant tenant, long bytes, Set<ChunkKey> spared) {
    TenantAccount account = account(tenant);
    synchronized (account) {
      long excess = account.excess(bytes);
      if (excess <= 0) {
        return List.of();
      }
      long slack = account.quota().orElse(0) / SLACK;
      List<ChunkKey> leavers =
          new LeafChoice(account.rows(), catalog).choose(excess, excess + slack, spared);
      account.displaced.add(leavers.size());
      return leavers;
    }
  }

  /** Tenants that keep more than their quota: since it was lowered, or by other models' blocks. */
  List<Tenant> overdrawn() {
    List<Tenant> found = new ArrayList<>();
    accounts.forEach((tenant, account) -> {
      if (account.excess(0) > 0) {
        found.add(tenant);
      }
    });
    return found;
  }

  /** Tenants that anything is known of. */
  public Set<Tenant> tenants() {
    return Set.copyOf(accounts.keySet());
  }

  /**
   * What is kept of {@code tenant}.
   *
   * @param chunks chunks that the catalog knows
   * @param hot what of them is in HOT
   */
  public TenantUsage usage(Tenant tenant, long chunks, StoredBytes hot) {
    TenantAccount account = accounts.get(tenant);
    return (account == null ? fresh(tenant) : account).usage(chunks, hot);
  }

  private TenantAccount account(Tenant tenant) {
    TenantAccount account = accounts.get(tenant);
    return account == null ? accounts.computeIfAbsent(tenant, this::fresh) : account;
  }

  private TenantAccount fresh(Tenant tenant) {
    return new TenantAccount(tenant, quotas.of(tenant), quotas.own().containsKey(tenant));
  }
}
