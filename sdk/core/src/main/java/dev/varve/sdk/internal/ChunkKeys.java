package dev.varve.sdk.internal;

import dev.varve.store.ChainKey;
import dev.varve.store.ChunkKey;
import dev.varve.store.Fingerprint;
import dev.varve.store.Tenant;
import java.util.ArrayList;
import java.util.List;

/** Names the chunks of a prefix. */
final class ChunkKeys {

  private ChunkKeys() {}

  /** The keys of the whole blocks of {@code tokenIds}, first chunk first; at least one. */
  static List<ChunkKey> of(Tenant tenant, Fingerprint fingerprint, int[] tokenIds, int span) {
    if (tokenIds.length < span) {
      throw new IllegalArgumentException(
          "a prefix of "
              + tokenIds.length
              + " tokens fills no block of "
              + span
              + ": name at least one block");
    }
    List<ChunkKey> keys = new ArrayList<>();
    ChainKey chain = ChainKey.root(tenant, fingerprint);
    for (int from = 0; from + span <= tokenIds.length; from += span) {
      chain = chain.next(tokenIds, from, from + span);
      keys.add(new ChunkKey(tenant, fingerprint, chain));
    }
    return keys;
  }
}
