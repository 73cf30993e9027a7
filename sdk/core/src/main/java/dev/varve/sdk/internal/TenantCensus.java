package dev.varve.sdk.internal;

import dev.varve.offload.tenancy.StoredBytes;
import dev.varve.offload.tenancy.TenantUsage;
import dev.varve.store.Chunk;
import dev.varve.store.ModelGeometry;
import dev.varve.store.Tenant;
import dev.varve.store.Tier;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Counts by tenant what the catalog knows, beside what the ledger keeps. Thread-safe. */
public final class TenantCensus {

  private record Known(long chunks, StoredBytes hot) {
    static final Known NOTHING = new Known(0, StoredBytes.NONE);
  }

  private final CacheParts parts;

  public TenantCensus(CacheParts parts) {
    this.parts = parts;
  }

  /** What {@code tenant} keeps. */
  public TenantUsage of(Tenant tenant) {
    return usage(tenant, known());
  }

  /** What every tenant keeps, largest first. */
  public List<TenantUsage> all() {
    Map<Tenant, Known> known = known();
    Set<Tenant> tenants = new TreeSet<>(Comparator.comparing(Tenant::hash));
    tenants.addAll(known.keySet());
    tenants.addAll(parts.tenancy().ledger().tenants());
    Comparator<TenantUsage> largest =
        Comparator.comparingLong(usage -> usage.host().bytes() + usage.ssd().bytes());
    return tenants.stream().map(tenant -> usage(tenant, known)).sorted(largest.reversed()).toList();
  }

  private TenantUsage usage(Tenant tenant, Map<Tenant, Known> known) {
    Known counted = known.getOrDefault(tenant, Known.NOTHING);
    return parts.tenancy().ledger().usage(tenant, counted.chunks(), counted.hot());
  }

  private Map<Tenant, Known> known() {
    Map<Tenant, Known> known = new HashMap<>();
    parts
        .tiers()
        .catalog()
        .forEach(chunk ->
            known.merge(
                chunk.key().tenant(),
                new Known(1, hot(chunk)),
                (a, b) ->
                    new Known(
                        a.chunks() + 1,
                        new StoredBytes(
                            a.hot().blocks() + b.hot().blocks(),
                            a.hot().bytes() + b.hot().bytes()))));
    return known;
  }

  private StoredBytes hot(Chunk chunk) {
    ModelGeometry geometry = parts.tiers().geometry();
    long blocks = 0;
    long bytes = 0;
    if (chunk.restsIn(Tier.SSD) || chunk.restsIn(Tier.HOST)) {
      return StoredBytes.NONE;
    }
    for (int layer = 0; layer < chunk.layers(); layer++) {
      if (chunk.in(Tier.HOT, layer)) {
        blocks++;
        bytes += geometry.block(layer).bytes();
      }
    }
    return new StoredBytes(blocks, bytes);
  }
}
