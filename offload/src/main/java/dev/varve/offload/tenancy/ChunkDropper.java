package dev.varve.offload.tenancy;

import dev.varve.store.ChunkKey;
import java.util.Collection;

/** Drops chunks from all tiers at once. */
public interface ChunkDropper {

  /**
   * Has the catalog forget these chunks and removes them from every tier. A chunk that is claimed
   * stays as it is.
   */
  Dropped drop(Collection<ChunkKey> keys);

  /**
   * Returns once everything dropped before is gone from durable tiers, even after a loss of power.
   *
   * @throws dev.varve.store.StoreException if a tier refuses
   */
  void sync();

  /**
   * What went.
   *
   * @param chunks chunks that are gone
   * @param bytes payload bytes of their blocks in all tiers
   */
  record Dropped(long chunks, long bytes) {

    /** Nothing. */
    public static final Dropped NOTHING = new Dropped(0, 0);
  }
}
