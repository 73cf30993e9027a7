package dev.varve.sdk;

import dev.varve.offload.tenancy.EraseScope;
import dev.varve.offload.tenancy.TenantUsage;
import dev.varve.sdk.internal.Eraser;
import dev.varve.sdk.internal.TenantCensus;
import dev.varve.store.Fingerprint;
import dev.varve.store.Tenant;
import dev.varve.store.alias.AliasIndex;
import java.util.List;

/**
 * Who keeps how much in a cache, and erasing it. Tenants appear by the keyed hash of their salt
 * only; a cache never knows a salt. Thread-safe; throws {@link IllegalStateException} once the
 * cache is closed.
 */
public final class Tenants {

  private final Runnable checkOpen;
  private final TenantCensus census;
  private final Eraser eraser;

  Tenants(Runnable checkOpen, TenantCensus census, Eraser eraser) {
    this.checkOpen = checkOpen;
    this.census = census;
    this.eraser = eraser;
  }

  /** What {@code tenant} keeps and has asked for; walks the catalog to count HOT. */
  public TenantUsage usage(Tenant tenant) {
    checkOpen.run();
    return census.of(tenant);
  }

  /** The same of every tenant that anything is kept of or was asked by, largest first. */
  public List<TenantUsage> list() {
    checkOpen.run();
    return census.all();
  }

  /**
   * Erases everything of {@code tenant}: blocks of any model in all tiers, pins, saved sessions,
   * aliases. Its open sessions go on, but what they hold and will seal is found by nobody else,
   * cannot be saved, and goes when they close.
   *
   * @throws dev.varve.store.StoreException if a tier or file cannot be changed: nothing of the
   *     tenant is found from here on, and the next opening finishes the erasure
   */
  public ErasureReport erase(Tenant tenant) {
    checkOpen.run();
    return eraser.erase(new EraseScope.OfTenant(tenant));
  }

  /** Erases everything of one model, of all tenants, in the same way. */
  public ErasureReport eraseModel(Fingerprint model) {
    checkOpen.run();
    return eraser.erase(new EraseScope.OfModel(model));
  }

  /**
   * Erases a prefix and everything that continues it, in the same way: the last whole block of
   * {@code tokenIds}, whatever is stored behind it, and saved sessions that begin with these
   * blocks. What hangs on a chunk that was lost cannot be told apart and is erased as well.
   *
   * @param tokenIds from position 0; at least one block. Tokens behind the last whole block do not
   *     narrow what is erased
   */
  public ErasureReport erasePrefix(Tenant tenant, int[] tokenIds) {
    checkOpen.run();
    return eraser.erasePrefix(tenant, tokenIds);
  }

  /** From here on erasures remove the aliases of what they erase from {@code index} too. */
  public void eraseFrom(AliasIndex index) {
    checkOpen.run();
    eraser.eraseFrom(index);
  }
}
