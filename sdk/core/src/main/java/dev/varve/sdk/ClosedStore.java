package dev.varve.sdk;

import dev.varve.offload.tenancy.EraseScope;
import dev.varve.sdk.internal.StoreErasure;
import dev.varve.store.Fingerprint;
import dev.varve.store.Tenant;
import java.nio.file.Path;
import java.util.List;

/**
 * Erases from an SSD store that no process has open, as {@link Tenants} does from an open cache.
 * Needs no configuration: the model whose blocks these are need not be known.
 *
 * <p>Every method throws {@link dev.varve.store.StoreException} if there is no store, if it is
 * open, naming the process, or if it cannot be changed; an erasure that was cut off is finished by
 * the next one who opens the store.
 */
public final class ClosedStore {

  private ClosedStore() {}

  /** Erases everything of {@code tenant}: blocks of any model, objects, pins, saved sessions. */
  public static ErasureReport eraseTenant(Path store, Tenant tenant) {
    return StoreErasure.run(store, _ -> List.of(new EraseScope.OfTenant(tenant)));
  }

  /** Erases everything of these models, of all tenants. */
  public static ErasureReport eraseModels(Path store, List<Fingerprint> models) {
    return StoreErasure.run(
        store,
        _ -> models.stream().map(model -> (EraseScope) new EraseScope.OfModel(model)).toList());
  }

  /**
   * Erases a prefix and everything that continues it: see {@link Tenants#erasePrefix}.
   *
   * @param tokenIds from position 0; at least one block of the model
   * @throws IllegalArgumentException if the store has no block of this tenant and model, or these
   *     are less tokens than one
   */
  public static ErasureReport erasePrefix(
      Path store, Tenant tenant, Fingerprint model, int[] tokenIds) {
    return StoreErasure.run(
        store, catalog -> StoreErasure.prefix(catalog, tenant, model, tokenIds));
  }
}
