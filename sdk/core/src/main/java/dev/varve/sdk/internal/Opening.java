package dev.varve.sdk.internal;

import dev.varve.offload.BlockFetcher;
import dev.varve.offload.ChunkOrders;
import dev.varve.offload.Counters;
import dev.varve.offload.Doorbell;
import dev.varve.offload.MoveSettings;
import dev.varve.offload.Mover;
import dev.varve.offload.Prefetcher;
import dev.varve.offload.Tiers;
import dev.varve.offload.object.ObjectStore;
import dev.varve.offload.tenancy.TenancyOpening;
import dev.varve.offload.transfer.TierProbe;
import dev.varve.offload.transfer.TierSpeeds;
import dev.varve.offload.transfer.Transfers;
import dev.varve.offload.variant.Variants;
import dev.varve.sdk.CacheConfig;
import dev.varve.sdk.SsdConfig;
import dev.varve.sdk.internal.far.AttentionPlanner;
import dev.varve.sdk.internal.memory.MemoryCounters;
import dev.varve.sdk.internal.reading.LateBlocks;
import dev.varve.sdk.internal.reading.ReadingCounters;
import dev.varve.sdk.internal.reading.StoredIndices;
import dev.varve.store.BlockTier;
import dev.varve.store.ChunkCatalog;
import dev.varve.store.Fingerprint;
import dev.varve.store.ModelGeometry;
import dev.varve.store.host.ChronicleHostTier;
import dev.varve.store.host.HostTierConfig;
import dev.varve.store.hot.HotPool;
import dev.varve.store.kernel.Backends;
import dev.varve.store.remote.RemoteConfig;
import dev.varve.store.remote.RemoteStore;
import dev.varve.store.ssd.SsdTier;
import dev.varve.store.ssd.SsdTierConfig;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts the rooms together: all tiers open, or none and an exception.
 *
 * @param parts what the sessions of the cache share
 * @param tenancy closed with the cache
 * @param saved where sessions are saved; empty without an SSD tier
 * @param backendReason which kernels run and why
 * @param upkeep moves blocks ahead of need
 * @param objects opaque objects in the tiers below HOT; empty without any of this machine
 * @param remote what is shared with other processes
 */
public record Opening(
    CacheParts parts,
    TenancyOpening tenancy,
    Optional<SavedSessions> saved,
    String backendReason,
    Upkeep upkeep,
    Optional<ObjectStore> objects,
    Optional<RemoteStore> remote) {

  private static final Logger LOG = LoggerFactory.getLogger(Opening.class);
  private static final long LARGEST_SEGMENT = 256L << 20;
  private static final long SMALLEST_SEGMENT = 1L << 20;

  /** A full tier frees a segment at a time: a small one must not lose all it has at once. */
  private static final int SEGMENTS = 16;

  /** Opens everything that {@code config} names. */
  public static Opening of(CacheConfig config) {
    return of(config, new Clocks(System::nanoTime, System::currentTimeMillis));
  }

  /** The same with clocks of the caller. */
  public static Opening of(CacheConfig config, Clocks clocks) {
    ModelGeometry geometry = config.geometry();
    Backends.Choice backend = Backends.choose(config.backend());
    LOG.info("kernels: {}", backend.reason());
    List<BlockTier> lower = new ArrayList<>();
    Variants variants =
        Variants.of(config.fingerprint(), geometry, config.encodings(), backend.backend());
    HotMemory memory = HotMemory.open(config, geometry, Machine.here());
    HotPool hot = memory.pool();
    @Nullable TenancyOpening tenancy = null;
    try {
      config.hostBytes().ifPresent(bytes -> lower.add(host(bytes, geometry)));
      config.ssd().ifPresent(ssd -> lower.add(ssd(ssd)));
      Optional<RemoteStore> remote = config.remote().map(each -> remote(each, clocks));
      remote.ifPresent(store -> lower.add(store.tier()));
      Tiers tiers = new Tiers(hot, lower, catalog(lower, variants), geometry, variants);
      Counters counters = new Counters();
      TierSpeeds speeds = measured(tiers, config.fingerprint(), clocks.nanoTime());
      ChunkOrders orders =
          new ChunkOrders(lower, tiers.catalog(), geometry, config.replacement(), clocks.millis());
      tenancy =
          TenancyOpening.of(
              config.tenancy(),
              new TenancyOpening.StoredChunks(lower, tiers.catalog(), geometry),
              config.ssd().map(SsdConfig::folder),
              clocks.millis());
      BlockFetcher fetcher = new BlockFetcher(tiers, counters, speeds);
      Doorbell doorbell = new Doorbell();
      MoveSettings settings = Upkeep.settings(config.mover());
      Mover mover =
          new Mover(
              tiers, orders, counters, tenancy.tenancy(), settings, doorbell, clocks.nanoTime());
      Prefetcher prefetcher =
          new Prefetcher(tiers, fetcher, orders, mover, counters, doorbell, settings);
      ReadingCounters reading = new ReadingCounters();
      CacheParts parts =
          new CacheParts(
              config.fingerprint(),
              tiers,
              orders,
              mover,
              prefetcher,
              fetcher,
              counters,
              new Transfers(geometry, speeds, config.prefillCost()),
              tenancy.tenancy(),
              new MemoryCounters(),
              reading,
              new AttendingCounters(),
              new AttentionPlanner(),
              new LateBlocks(tiers, orders, mover, fetcher, reading, doorbell),
              config
                  .ssd()
                  .map(ssd ->
                      new StoredIndices(
                          ssd.folder(), config.fingerprint(), ssd.capacityBytes() / 20)),
              clocks,
              backend.backend(),
              memory.device());
      Optional<SavedSessions> saved =
          config.ssd().map(ssd -> new SavedSessions(ssd.folder(), parts));
      tenancy.recover(mover, scope -> saved.ifPresent(sessions -> sessions.erase(scope)));
      Optional<ObjectStore> objects = objects(parts, clocks.millis());
      Upkeep upkeep = new Upkeep(parts, objects, remote, doorbell);
      config.mover().thread().ifPresent(upkeep::start);
      return new Opening(parts, tenancy, saved, backend.reason(), upkeep, objects, remote);
    } catch (RuntimeException e) {
      if (tenancy != null) {
        tenancy.close();
      }
      lower.forEach(BlockTier::close);
      hot.close();
      throw e;
    }
  }

  private static Optional<ObjectStore> objects(CacheParts parts, LongSupplier millis) {
    return parts.tiers().lower().stream().allMatch(tier -> Tiers.shared(tier.tier()))
        ? Optional.empty()
        : Optional.of(
            ObjectStore.open(
                parts.tiers(),
                parts.orders(),
                parts.mover(),
                parts.fetcher(),
                parts.tenancy(),
                millis,
                new SecureRandom()::nextLong));
  }

  private static RemoteStore remote(RemoteConfig config, Clocks clocks) {
    return RemoteStore.open(
        config, clocks.nanoTime(), clocks.millis(), new SecureRandom()::nextLong);
  }

  private static TierSpeeds measured(Tiers tiers, Fingerprint model, LongSupplier nanoTime) {
    TierSpeeds speeds = new TierSpeeds(nanoTime);
    for (BlockTier tier : tiers.lower()) {
      TierProbe.run(tier, tiers.catalog(), tiers.geometry(), model, speeds);
    }
    return speeds;
  }

  private static BlockTier host(long bytes, ModelGeometry geometry) {
    long largest = Math.max(geometry.largestBlock(), ObjectStore.largestPiece(bytes));
    return ChronicleHostTier.open(new HostTierConfig(bytes, Math.toIntExact(largest)));
  }

  private static BlockTier ssd(SsdConfig config) {
    long part = config.capacityBytes() / SEGMENTS;
    long segment = Math.clamp(part, SMALLEST_SEGMENT, LARGEST_SEGMENT);
    return SsdTier.open(
        new SsdTierConfig(config.folder(), config.capacityBytes(), segment, config.durability()));
  }

  private static ChunkCatalog catalog(List<BlockTier> lower, Variants variants) {
    ChunkCatalog catalog = new ChunkCatalog(new SecureRandom().nextLong());
    for (BlockTier tier : lower) {
      tier.forEach(header -> {
        variants.found(header, tier.tier());
        catalog.found(header, tier.tier());
      });
    }
    return catalog;
  }
}
