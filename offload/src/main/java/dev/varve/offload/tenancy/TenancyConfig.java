package dev.varve.offload.tenancy;

import java.util.Objects;

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
}
