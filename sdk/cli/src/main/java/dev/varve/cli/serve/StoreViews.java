package dev.varve.cli.serve;

import dev.varve.sdk.KvCache;
import dev.varve.sidecar.model.Models;
import dev.varve.sidecar.status.StoreState;
import dev.varve.sidecar.status.StoreView;
import dev.varve.sidecar.status.TenantNames;
import dev.varve.sidecar.status.TierState;
import java.util.List;

/** Shows the cache of values and those of all models as one store. Thread-safe. */
public final class StoreViews implements StoreView {

  private final StoreView values;
  private final List<CacheView> models;

  /**
   * @param values where values are kept
   * @param models each with a cache of its own
   */
  public StoreViews(KvCache values, Models models, TenantNames names) {
    this.values = new CacheView(values, names, TierState.VALUES);
    this.models =
        models.all().stream()
            .map(model -> new CacheView(model.cache(), names, model.name()))
            .toList();
  }

  @Override
  public StoreState look() {
    StoreState all = values.look();
    for (CacheView model : models) {
      all = all.and(model.look());
    }
    return all;
  }

  @Override
  public long deleteAll() {
    return values.deleteAll();
  }
}
