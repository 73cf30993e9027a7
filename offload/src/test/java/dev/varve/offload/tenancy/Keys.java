package dev.varve.offload.tenancy;

import dev.varve.store.ChainKey;
import dev.varve.store.Chunk;
import dev.varve.store.ChunkCatalog;
import dev.varve.store.ChunkKey;
import dev.varve.store.ChunkSpan;
import dev.varve.store.Digest256;
import dev.varve.store.Fingerprint;
import dev.varve.store.Tenant;
import dev.varve.store.Tier;
import java.util.SplittableRandom;

/** Names and catalog entries for tests. */
final class Keys {

  static final Tenant RED = new Tenant(1, 2);
  static final Tenant BLUE = new Tenant(3, 4);
  static final Fingerprint MODEL = new Fingerprint(new Digest256(5, 6, 7, 8));
  static final int SPAN = 32;

  private Keys() {}

  static ChainKey root(Tenant tenant) {
    return ChainKey.root(tenant, MODEL);
  }

  static ChunkKey key(Tenant tenant, ChainKey chain) {
    return new ChunkKey(tenant, MODEL, chain);
  }

  static ChunkKey any(SplittableRandom random) {
    return key(
        random.nextBoolean() ? RED : BLUE,
        new ChainKey(
            new Digest256(
                random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong())));
  }

  /** Enters a chunk on SSD that continues {@code parent}, with two layers. */
  static ChunkKey enter(ChunkCatalog catalog, Tenant tenant, ChainKey parent, int at, int mark) {
    ChunkKey key = key(tenant, parent.next(new int[] {mark}, 0, 1));
    Chunk chunk = catalog.claimOrAdd(new Chunk(key, new ChunkSpan(parent, at * SPAN, SPAN, 2)));
    chunk.place(0, Tier.SSD);
    chunk.place(1, Tier.SSD);
    chunk.unclaim();
    return key;
  }
}
