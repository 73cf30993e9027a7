package dev.varve.sdk.internal;

import dev.varve.offload.BlockFetcher;
import dev.varve.offload.ChunkOrders;
import dev.varve.offload.Counters;
import dev.varve.offload.Mover;
import dev.varve.offload.Tiers;
import dev.varve.offload.transfer.TierProbe;
import dev.varve.offload.transfer.TierSpeeds;
import dev.varve.offload.transfer.Transfers;
import dev.varve.sdk.CacheConfig;
import dev.varve.sdk.SsdConfig;
import dev.varve.store.BlockTier;
import dev.varve.store.ChunkCatalog;
import dev.varve.store.Fingerprint;
import dev.varve.store.ModelGeometry;
import dev.varve.store.host.ChronicleHostTier;
import dev.varve.store.host.HostTierConfig;
import dev.varve.store.hot.HotPool;
import dev.varve.store.kernel.Backends;
import dev.varve.store.ssd.SsdTier;
import dev.varve.store.ssd.SsdTierConfig;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts the rooms together: all tiers open, or none and an exception.
 *
 * @param parts what the sessions of the cache share
 * @param backendReason which kernels run and why
 */
public record Opening(CacheParts parts, String backendReason) {

  private static final Logger LOG = LoggerFactory.getLogger(Opening.class);
  private static final long SEGMENT_BYTES = 256L << 20;

  /** Opens everything that {@code config} names. */
  public static Opening of(CacheConfig config) {
    return of(config, System::nanoTime);
  }

  /** The same with a clock like {@link System#nanoTime}. */
  public static Opening of(CacheConfig config, LongSupplier nanoTime) {
    ModelGeometry geometry = config.geometry();
    Machine.here().check(config);
    Backends.Choice backend = Backends.choose(config.backend());
    LOG.info("kernels: {}", backend.reason());
    List<BlockTier> lower = new ArrayList<>();
    HotPool hot = new HotPool(config.hotBytes(), geometry.largestBlock());
    try {
      config.hostBytes().ifPresent(bytes -> lower.add(host(bytes, geometry)));
      config.ssd().ifPresent(ssd -> lower.add(ssd(ssd)));
      Tiers tiers = new Tiers(hot, lower, catalog(lower), geometry);
      Counters counters = new Counters();
      TierSpeeds speeds = measured(tiers, config.fingerprint(), nanoTime);
      ChunkOrders orders =
          new ChunkOrders(
              lower, tiers.catalog(), geometry, config.replacement(), System::currentTimeMillis);
      CacheParts parts =
          new CacheParts(
              config.fingerprint(),
              tiers,
              orders,
              new Mover(tiers, orders, counters),
              new BlockFetcher(tiers, counters, speeds),
              counters,
              new Transfers(geometry, speeds, config.prefillCost()),
              backend.backend());
      return new Opening(parts, backend.reason());
    } catch (RuntimeException e) {
      lower.forEach(BlockTier::close);
      hot.close();
      throw e;
    }
  }

  private static TierSpeeds measured(Tiers tiers, Fingerprint model, LongSupplier nanoTime) {
    TierSpeeds speeds = new TierSpeeds(nanoTime);
    for (BlockTier tier : tiers.lower()) {
      TierProbe.run(tier, tiers.catalog(), tiers.geometry(), model, speeds);
    }
    return speeds;
  }

  private static BlockTier host(long bytes, ModelGeometry geometry) {
    return ChronicleHostTier.open(
        new HostTierConfig(bytes, Math.toIntExact(geometry.largestBlock())));
  }

  private static BlockTier ssd(SsdConfig config) {
    long segment = Math.min(SEGMENT_BYTES, config.capacityBytes());
    return SsdTier.open(
        new SsdTierConfig(config.folder(), config.capacityBytes(), segment, config.durability()));
  }

  private static ChunkCatalog catalog(List<BlockTier> lower) {
    ChunkCatalog catalog = new ChunkCatalog(new SecureRandom().nextLong());
    for (BlockTier tier : lower) {
      tier.forEach(header -> catalog.found(header, tier.tier()));
    }
    return catalog;
  }
}
