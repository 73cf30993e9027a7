package dev.varve.cli.serve;

import dev.varve.offload.tenancy.StoredBytes;
import dev.varve.offload.tenancy.TenantUsage;
import dev.varve.sdk.CacheStats;
import dev.varve.sdk.KvCache;
import dev.varve.sidecar.status.CodecState;
import dev.varve.sidecar.status.ObjectState;
import dev.varve.sidecar.status.StoreState;
import dev.varve.sidecar.status.StoreView;
import dev.varve.sidecar.status.TenantNames;
import dev.varve.sidecar.status.TenantState;
import dev.varve.sidecar.status.TierState;
import dev.varve.store.ModelGeometry;
import dev.varve.store.Tenant;
import dev.varve.store.object.ObjectStats;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Shows a cache to the server's port for people. Thread-safe. */
public final class CacheView implements StoreView {

  private final KvCache cache;
  private final TenantNames names;
  private final String model;
  private final CodecBounds bounds;

  /**
   * @param model what the model is called, {@link TierState#VALUES} for values
   */
  public CacheView(KvCache cache, TenantNames names, String model) {
    this.cache = cache;
    this.names = names;
    this.model = model;
    this.bounds = new CodecBounds(cache.geometry());
  }

  @Override
  public StoreState look() {
    CacheStats stats = cache.stats();
    List<TenantState> tenants = new ArrayList<>();
    cache.tenants().list().forEach(usage -> add(usage, tenants));
    return new StoreState(
        stats.tiers().stream().map(this::tier).toList(),
        objects(cache.objectStats()),
        tenants,
        stats.droppedPuts(),
        stats.lostBlocks(),
        stats.transfers().fetchedTokens(),
        stats.transfers().recomputedTokens(),
        stats.mover().waiting());
  }

  private TierState tier(CacheStats.TierStats tier) {
    CacheStats.Encoded encoded = tier.encoded();
    return new TierState(
        tier.tier().name().toLowerCase(Locale.ROOT),
        model,
        tier.usedBytes(),
        tier.capacityBytes(),
        tier.blocks(),
        tier.tokens(),
        tier.reads(),
        tier.readBytes(),
        tier.writes(),
        tier.damaged(),
        new CodecState(
            encoded.encoding(),
            encoded.rawBytes(),
            encoded.writtenBytes(),
            encoded.unapplied(),
            bounds.fraction(encoded.encoding())));
  }

  private static ObjectState objects(ObjectStats stats) {
    return new ObjectState(
        stats.objects(),
        stats.bytes(),
        stats.commits(),
        stats.deleted(),
        stats.expired(),
        stats.displaced(),
        stats.dropped(),
        stats.lost());
  }

  private void add(TenantUsage usage, List<TenantState> tenants) {
    String name = names.name(usage.tenant());
    tenants.add(state(name, "hot", usage.hot()));
    tenants.add(state(name, "host", usage.host()));
    tenants.add(state(name, "ssd", usage.ssd()));
  }

  private TenantState state(String name, String tier, StoredBytes held) {
    ModelGeometry geometry = cache.geometry();
    long tokens = held.blocks() * geometry.blockTokens() / geometry.owningLayers();
    return new TenantState(name, model, tier, held.bytes(), tokens);
  }

  @Override
  public long deleteAll() {
    Set<Tenant> tenants = new HashSet<>(names.known());
    tenants.add(Tenant.NONE);
    cache.tenants().list().forEach(usage -> tenants.add(usage.tenant()));
    return tenants.stream().mapToLong(tenant -> cache.objects(tenant).deleteAll()).sum();
  }
}
