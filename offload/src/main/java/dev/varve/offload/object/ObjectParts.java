package dev.varve.offload.object;

import dev.varve.offload.BlockFetcher;
import dev.varve.offload.ChunkOrders;
import dev.varve.offload.Mover;
import dev.varve.offload.tenancy.Tenancy;
import dev.varve.store.ChunkCatalog;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * What all users of an object store share. Every part is thread-safe or without state.
 *
 * @param catalog where every piece is
 * @param orders told of what is read
 * @param mover stores and drops pieces
 * @param fetcher reads them
 * @param tenancy how much and how long
 * @param index the objects
 * @param retired pieces on their way out
 * @param locks one change of an object at a time
 * @param versions numbers versions
 * @param staging buffers of one extent
 * @param counters what happened
 * @param random numbers that never come again, for writers
 * @param millis since 1970
 * @param extentBytes length of every extent but the last one of a writer
 */
record ObjectParts(
    ChunkCatalog catalog,
    ChunkOrders orders,
    Mover mover,
    BlockFetcher fetcher,
    Tenancy tenancy,
    ObjectIndex index,
    Retired retired,
    NameLocks locks,
    Versions versions,
    Staging staging,
    ObjectCounters counters,
    LongSupplier random,
    LongSupplier millis,
    int extentBytes) {

  /** The object as anybody may find it now. */
  Optional<ObjectManifest> live(ObjectName name) {
    return index.find(name).filter(this::shown);
  }

  /** Whether nobody hides this version: time, or an erasure. */
  boolean shown(ObjectManifest manifest) {
    return manifest.expiresAtMillis() > millis.getAsLong()
        && !tenancy.retention().hidden(manifest.chunk());
  }

  /** Gives up an object of which a piece is missing or damaged. */
  void lost(ObjectManifest manifest) {
    counters.lost.add(strike(manifest));
  }

  /** Has nobody find an object and its group any more; returns how many objects that were. */
  int strike(ObjectManifest manifest) {
    var struck = index.strike(manifest);
    struck.forEach(each -> retired.add(each.chunks()));
    return struck.size();
  }
}
