package dev.varve.sdk.internal;

import dev.varve.offload.tenancy.SealTerms;
import dev.varve.store.ChainKey;
import dev.varve.store.Chunk;
import dev.varve.store.ChunkKey;
import dev.varve.store.ChunkSpan;
import dev.varve.store.hot.HotPool;

/** Turns the full growing blocks of all layers into a sealed chunk that others can find. */
final class Sealer {

  private final CacheParts parts;
  private final SealTerms terms;

  /**
   * @param terms of the session
   */
  Sealer(CacheParts parts, SealTerms terms) {
    this.parts = parts;
    this.terms = terms;
  }

  /**
   * Enters the chunk and hands its hot slots over. Blocks that another session sealed before are
   * kept and ours are given back: equal keys mean equal content.
   *
   * @param handles one filled slot per layer that stores blocks
   * @param copy whether some of their rows came from sealed blocks, maybe approximately
   * @return the chunk, claimed for the caller
   */
  Chunk seal(ChunkKey key, ChainKey parent, int firstToken, long[] handles, boolean copy) {
    HotPool pool = parts.tiers().hot();
    int tokens = parts.tiers().geometry().blockTokens();
    ChunkSpan span = new ChunkSpan(parent, firstToken, tokens, handles.length);
    Chunk chunk =
        parts
            .tenancy()
            .retention()
            .seal(
                key, parent, terms, () -> parts.tiers().catalog().claimOrAdd(new Chunk(key, span)));
    parts.tenancy().ledger().sealed(key, parent);
    for (int layer = 0; layer < handles.length; layer++) {
      long handle = handles[layer];
      if (handle != HotPool.NO_SLOT) {
        pool.publish(handle);
        boolean placed = copy ? chunk.placeHotCopy(layer, handle) : chunk.placeHot(layer, handle);
        if (!placed) {
          pool.retire(handle);
        }
      }
    }
    parts.orders().touched(chunk);
    return chunk;
  }
}
