package dev.varve.offload.object;

import dev.varve.offload.BlockFetcher;
import dev.varve.offload.ChunkOrders;
import dev.varve.offload.Mover;
import dev.varve.offload.Tiers;
import dev.varve.offload.tenancy.Tenancy;
import dev.varve.store.BlockTier;
import dev.varve.store.ChunkKey;
import dev.varve.store.Tenant;
import dev.varve.store.object.ObjectPieces;
import dev.varve.store.object.ObjectSpace;
import dev.varve.store.object.ObjectStats;
import java.util.function.LongSupplier;

/**
 * Opaque objects in the tiers below HOT. A version of an object is a manifest and the extents that
 * it names, each a chunk of one layer: so they are placed, replaced, counted, erased and checked
 * like the chunks of a model. Thread-safe. It has no thread: somebody calls {@link #work}.
 */
public final class ObjectStore implements AutoCloseable {

  /** One extent takes at most this part of the tier that keeps objects. */
  private static final int LEAST_EXTENTS = 16;

  private final ObjectParts parts;
  private final Commits commits;
  private final Leases leases;
  private final Removals removals;
  private volatile boolean open = true;

  private ObjectStore(ObjectParts parts) {
    this.parts = parts;
    this.commits = new Commits(parts);
    this.leases = new Leases(parts);
    this.removals = new Removals(parts);
  }

  /**
   * Opens the objects that the tiers hold; before anybody else uses the mover. Reads every
   * manifest.
   *
   * @param tiers with one below HOT at least
   * @param fetcher reads their blocks
   * @param millis since 1970
   * @param random numbers that no process gets twice, for writers
   */
  public static ObjectStore open(
      Tiers tiers,
      ChunkOrders orders,
      Mover mover,
      BlockFetcher fetcher,
      Tenancy tenancy,
      LongSupplier millis,
      LongSupplier random) {
    int extent = extentBytes(tiers.farthestOwn());
    ObjectIndex index = new ObjectIndex();
    ObjectParts parts =
        new ObjectParts(
            tiers.catalog(),
            orders,
            mover,
            fetcher,
            tenancy,
            index,
            new Retired(
                tiers.catalog(), mover, index, tiers.farthestOwn().usage().capacityBytes(), millis),
            new NameLocks(),
            new Versions(millis),
            new Staging(extent),
            new ObjectCounters(),
            random,
            millis,
            extent);
    ObjectStore store = new ObjectStore(parts);
    new ManifestLoader(parts).load();
    orders.onForgotten(store::forgotten);
    return store;
  }

  /** The largest piece that a HOST tier of this capacity is given. */
  public static long largestPiece(long hostBytes) {
    return Math.min(Extent.MAX_BYTES, hostBytes / Mover.LEAST_DIRECT_BLOCKS);
  }

  private static int extentBytes(BlockTier keeper) {
    long part = keeper.usage().capacityBytes() / LEAST_EXTENTS / ObjectPieces.PAGE;
    return Math.clamp(part * ObjectPieces.PAGE, ObjectPieces.PAGE, Extent.MAX_BYTES);
  }

  /** A piece left: the object that it belongs to is gone with it. */
  private void forgotten(ChunkKey key) {
    if (ObjectPieces.isPiece(key)) {
      parts
          .index()
          .ownerOf(key)
          .flatMap(parts.index()::find)
          .ifPresent(manifest -> parts.counters().displaced.add(parts.strike(manifest)));
    }
  }

  /** The objects of {@code tenant}. */
  public ObjectSpace of(Tenant tenant) {
    return new TenantSpace(this, parts, tenant);
  }

  /** What objects there are, and what became of them. */
  public ObjectStats stats() {
    return parts.counters().snapshot(parts.index());
  }

  /** Removes some of what expired or was replaced; 0 if there was nothing. */
  public int work() {
    return open ? removals.work() : 0;
  }

  Commits commits() {
    return commits;
  }

  Leases leases() {
    return leases;
  }

  Removals removals() {
    return removals;
  }

  void checkOpen() {
    if (!open) {
      throw new IllegalStateException("the objects are closed: open another cache");
    }
  }

  /** Drops what was replaced; the tiers must still be open. Idempotent. */
  @Override
  public void close() {
    if (open) {
      open = false;
      parts.retired().sweep();
      parts.staging().close();
    }
  }
}
