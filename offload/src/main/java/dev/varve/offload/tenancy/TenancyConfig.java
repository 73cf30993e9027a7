package dev.varve.offload.tenancy;

import dev.varve.store.Tenant;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What holds for tenants.
 *
 * @param quotas how much they may keep
 * @param lifetimes how long
 */
public record TenancyConfig(QuotaConfig quotas, LifetimeConfig lifetimes) {

  /** No limits. */
  public static final TenancyConfig NONE = new TenancyConfig(QuotaConfig.NONE, LifetimeConfig.NONE);

  public TenancyConfig {
    Objects.requireNonNull(quotas, "quotas");
    Objects.requireNonNull(lifetimes, "lifetimes");
  }

  /** The same with this limit, in bytes, for every tenant that has none of its own. */
  public TenancyConfig withQuota(long bytes) {
    return new TenancyConfig(new QuotaConfig(OptionalLong.of(bytes), quotas.own()), lifetimes);
  }

  /** The same with this much room, in bytes, for {@code tenant} alone. */
  public TenancyConfig withQuota(Tenant tenant, long bytes) {
    return new TenancyConfig(
        new QuotaConfig(quotas.shared(), with(quotas.own(), tenant, bytes)), lifetimes);
  }

  /** The same with this time to live for every tenant that has none of its own. */
  public TenancyConfig withTimeToLive(Duration time) {
    return new TenancyConfig(
        quotas, new LifetimeConfig(Optional.of(time), lifetimes.own(), lifetimes.pinnedBytes()));
  }

  /** The same with this time to live for {@code tenant}. */
  public TenancyConfig withTimeToLive(Tenant tenant, Duration time) {
    return new TenancyConfig(
        quotas,
        new LifetimeConfig(
            lifetimes.shared(), with(lifetimes.own(), tenant, time), lifetimes.pinnedBytes()));
  }

  /** The same with this limit of pinned payload bytes. */
  public TenancyConfig withPinnedBytes(long bytes) {
    return new TenancyConfig(
        quotas, new LifetimeConfig(lifetimes.shared(), lifetimes.own(), OptionalLong.of(bytes)));
  }

  private static <V> Map<Tenant, V> with(Map<Tenant, V> before, Tenant tenant, V value) {
    Map<Tenant, V> after = new HashMap<>(before);
    after.put(tenant, value);
    return after;
  }
}
