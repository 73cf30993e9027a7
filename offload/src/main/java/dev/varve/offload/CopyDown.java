package dev.varve.offload;

import dev.varve.offload.tenancy.Admission;
import dev.varve.offload.tenancy.Tenancy;
import dev.varve.store.BlockTier;
import dev.varve.store.EncodedBlock;
import dev.varve.store.StoreException;
import dev.varve.store.Tier;
import dev.varve.store.hot.BlockLease;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the copies that a lower tier is to hold, batch by batch; {@link CopySource} makes them. A
 * hot source is leased meanwhile; who carries a block claims its chunk. A tier that cannot write
 * has its blocks wait and is left alone for a while. Thread-safe.
 */
final class CopyDown {

  private static final Logger LOG = LoggerFactory.getLogger(CopyDown.class);

  private final Tiers tiers;
  private final ChunkOrders orders;
  private final Counters counters;
  private final Tenancy tenancy;
  private final Lock quotas = new ReentrantLock();
  private final CopySource source;
  private final Map<Tier, RetryQueue> retries = new EnumMap<>(Tier.class);

  CopyDown(
      Tiers tiers,
      ChunkOrders orders,
      Counters counters,
      Tenancy tenancy,
      RetryLimits limits,
      LongSupplier nanoTime) {
    this.tiers = tiers;
    this.orders = orders;
    this.counters = counters;
    this.tenancy = tenancy;
    this.source = new CopySource(tiers, counters);
    for (BlockTier tier : tiers.lower()) {
      retries.put(tier.tier(), new RetryQueue(tier.tier(), limits, nanoTime, counters));
    }
  }

  /**
   * Writes as many of {@code places} to {@code to}, in order, as it has room for, in one batch.
   *
   * @return how many places, counted from the first, need no more care: they are held now, their
   *     source was gone, or the quota of their tenant has no room
   * @throws StoreException if the tier cannot be written
   */
  int carry(List<Place> places, BlockTier to) {
    return admitting(() -> write(places, to));
  }

  /** What one batch was admitted with must be counted before the next one asks. */
  <T> T admitting(Supplier<T> write) {
    if (tenancy.unlimited()) {
      return write.get();
    }
    quotas.lock();
    try {
      return write.get();
    } finally {
      quotas.unlock();
    }
  }

  private int write(List<Place> places, BlockTier to) {
    List<BlockLease> leases = new ArrayList<>();
    try (Arena staging = Arena.ofConfined()) {
      List<Place> sources = new ArrayList<>();
      List<EncodedBlock> blocks = new ArrayList<>();
      Admission admission = tenancy.admission(to, tiers.geometry());
      for (Place place : places) {
        // Who carried it meanwhile may have written it in another encoding: one copy is enough.
        boolean missing = !place.chunk().in(to.tier(), place.layer());
        if (missing && admission.admits(place.chunk(), place.layer())) {
          source
              .make(place, to, staging, leases)
              .ifPresent(block -> {
                sources.add(place);
                blocks.add(block);
              });
        }
      }
      if (Tiers.durable(to.tier())) {
        tenancy.beforeDurablePut(
            blocks.stream().map(block -> block.header().key().chunk()).distinct().toList());
      }
      int stored = to.put(blocks);
      retries(to).recovered();
      for (int i = 0; i < stored; i++) {
        Place place = sources.get(i);
        long sealed = tiers.payloadBytes(place.chunk(), place.layer());
        counters.wrote(to.tier(), sealed, blocks.get(i).header().payloadBytes());
        place.chunk().place(place.layer(), to.tier());
        orders.entered(to.tier(), place.chunk());
      }
      retries(to).settled(places);
      return stored == sources.size() ? places.size() : places.indexOf(sources.get(stored));
    } finally {
      leases.forEach(BlockLease::close);
    }
  }

  /** The same, but blocks that a tier cannot write for now wait until they are tried again. */
  int carryOrWait(List<Place> places, BlockTier to) {
    RetryQueue queue = retries(to);
    if (queue.resting()) {
      queue.add(places);
      return 0;
    }
    try {
      return carry(places, to);
    } catch (StoreException e) {
      queue.failed();
      queue.add(places);
      LOG.error("{} blocks cannot sink to {}: {}", places.size(), to.tier(), e.getMessage());
      return 0;
    }
  }

  /** The blocks that wait for {@code tier}. */
  RetryQueue retries(BlockTier tier) {
    return Objects.requireNonNull(retries.get(tier.tier()));
  }

  /** Whether {@code place} waits for any tier. */
  boolean waits(Place place) {
    return retries.values().stream().anyMatch(queue -> queue.waits(place));
  }

  /** Blocks that wait. */
  int waiting() {
    return retries.values().stream().mapToInt(RetryQueue::size).sum();
  }
}
