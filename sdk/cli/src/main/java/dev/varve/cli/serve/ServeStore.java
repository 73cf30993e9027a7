package dev.varve.cli.serve;

import dev.varve.sdk.CacheConfig;
import dev.varve.sdk.KvCache;
import dev.varve.sdk.MoverConfig;
import dev.varve.sdk.SsdConfig;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.ssd.Durability;
import java.util.concurrent.ThreadFactory;

/** Opens the tiers that the values of a server are kept in. */
public final class ServeStore {

  /** A server that knows no model attends to nothing: its hot tier is as small as may be. */
  private static final int HOT_BYTES = 64 * 4096;

  private ServeStore() {}

  /** Opens them; the caller closes the cache. */
  public static KvCache open(ServeSettings.Tiers tiers, ThreadFactory mover) {
    LayerShape layer = LayerShape.grouped(1, 1, 32, RopeSpec.none());
    CacheConfig.Builder config =
        CacheConfig.of(ModelShape.uniform(1, layer, Dtype.F16), "varve serve")
            .hot(HOT_BYTES)
            .host(tiers.host().bytes())
            .mover(MoverConfig.on(mover));
    tiers
        .ssd()
        .ifPresent(folder ->
            config.ssd(
                new SsdConfig(
                    folder, tiers.ssdSize().bytes(), Durability.parse(tiers.durability()))));
    ServeRemote.of(tiers).ifPresent(config::remote);
    return KvCache.open(config.build());
  }
}
