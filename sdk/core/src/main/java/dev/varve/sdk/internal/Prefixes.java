package dev.varve.sdk.internal;

import dev.varve.offload.Place;
import dev.varve.offload.Prefetch;
import dev.varve.offload.transfer.FetchTally;
import dev.varve.offload.transfer.TransferDecision;
import dev.varve.store.ChainKey;
import dev.varve.store.Chunk;
import dev.varve.store.ChunkKey;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelGeometry;
import dev.varve.store.ModelShape;
import dev.varve.store.Tenant;
import dev.varve.store.Tier;
import dev.varve.store.hot.HotPool;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Finds the longest stored prefix of a prompt and makes sure that its blocks are whole: a block
 * that lies far away only is read once, checked and made hot, so that damage shows here, as a
 * shorter match, and not in the middle of a step. Thread-safe.
 */
public final class Prefixes {

  private final CacheParts parts;
  private final HotSlots slots;

  public Prefixes(CacheParts parts) {
    this.parts = parts;
    this.slots = new HotSlots(parts);
  }

  /** The chunks that hold the front of {@code tokenIds}, claimed for the caller. */
  public List<Chunk> claim(Tenant tenant, int[] tokenIds) {
    FetchTally unused = parts.transfers().newTally();
    return claim(tenant, tokenIds, List::size, unused);
  }

  /**
   * The same, but only as many of them as are predicted to be fetched faster than computed; this is
   * counted.
   */
  public ClaimedPrefix claimWorthwhile(Tenant tenant, int[] tokenIds) {
    List<TransferDecision> decisions = new ArrayList<>(1);
    FetchTally tally = parts.transfers().newTally();
    List<Chunk> claimed =
        claim(
            tenant,
            tokenIds,
            whole -> {
              decisions.add(parts.transfers().decide(whole));
              return decisions.getFirst().chunksTaken();
            },
            tally);
    parts.transfers().done(decisions.getFirst(), claimed.size(), tally);
    return new ClaimedPrefix(claimed, decisions.getFirst());
  }

  /** Begins to make hot what is stored of the front of {@code tokenIds}. */
  public Prefetch prefetch(Tenant tenant, int[] tokenIds) {
    List<Chunk> chain = chain(tenant, tokenIds);
    int whole = complete(chain);
    chain.subList(whole, chain.size()).forEach(Chunk::unclaim);
    List<Chunk> chunks = chain.subList(0, whole);
    List<Place> wanted = new ArrayList<>();
    ModelShape shape = parts.tiers().geometry().shape();
    for (int i = 0; i < whole; i++) {
      for (int layer = 0; layer < shape.layerCount(); layer++) {
        if (shape.owns(layer) && i >= firstNeeded(layer, whole)) {
          wanted.add(new Place(chunks.get(i), layer));
        }
      }
    }
    return parts.prefetcher().start(chunks, wanted);
  }

  private List<Chunk> claim(
      Tenant tenant, int[] tokenIds, ToIntFunction<List<Chunk>> share, FetchTally tally) {
    List<Chunk> chain = chain(tenant, tokenIds);
    int usable = 0;
    try {
      List<Chunk> whole = chain.subList(0, complete(chain));
      // Before any block becomes hot: one that no order knows of could never leave.
      parts.orders().requested(whole, tokenIds.length / parts.tiers().geometry().blockTokens());
      usable = checked(chain, share.applyAsInt(whole), tally);
    } finally {
      chain.subList(usable, chain.size()).forEach(Chunk::unclaim);
    }
    return List.copyOf(chain.subList(0, usable));
  }

  private List<Chunk> chain(Tenant tenant, int[] tokenIds) {
    int span = parts.tiers().geometry().blockTokens();
    List<Chunk> chain = new ArrayList<>();
    ChainKey key = ChainKey.root(tenant, parts.fingerprint());
    for (int from = 0; from + span <= tokenIds.length; from += span) {
      key = key.next(tokenIds, from, from + span);
      @Nullable Chunk chunk =
          parts.tiers().catalog().claim(new ChunkKey(tenant, parts.fingerprint(), key));
      if (chunk == null) {
        break;
      }
      chain.add(chunk);
    }
    return chain;
  }

  /** The longest front of {@code chain} of which every block that would be read is in some tier. */
  private int complete(List<Chunk> chain) {
    int usable = chain.size();
    while (usable > 0 && !complete(chain, usable)) {
      usable--;
    }
    return usable;
  }

  private boolean complete(List<Chunk> chain, int chunks) {
    ModelShape shape = parts.tiers().geometry().shape();
    for (int layer = 0; layer < shape.layerCount(); layer++) {
      for (int i = firstNeeded(layer, chunks); shape.owns(layer) && i < chunks; i++) {
        if (!chain.get(i).anywhere(layer)) {
          return false;
        }
      }
    }
    return true;
  }

  /** The first chunk that {@code layer}, or a layer that shares its cache, still reads. */
  private int firstNeeded(int owner, int chunks) {
    ModelGeometry geometry = parts.tiers().geometry();
    int next = chunks * geometry.blockTokens();
    int first = next;
    for (int layer = 0; layer < geometry.shape().layerCount(); layer++) {
      if (geometry.shape().ownerOf(layer) == owner) {
        LayerShape shape = geometry.shape().layers().get(layer);
        first = Math.min(first, shape.firstVisible(next - 1));
      }
    }
    return first / geometry.blockTokens();
  }

  /** How many of the first {@code usable} chunks remain once far blocks have been read. */
  private int checked(List<Chunk> chain, int usable, FetchTally tally) {
    ModelShape shape = parts.tiers().geometry().shape();
    for (int layer = 0; usable > 0 && layer < shape.layerCount(); layer++) {
      for (int i = firstNeeded(layer, usable); shape.owns(layer) && i < usable; i++) {
        if (onlyFar(chain.get(i), layer) && !bringNear(chain.get(i), layer, tally)) {
          return checked(chain, i, tally);
        }
      }
    }
    return usable;
  }

  private static boolean onlyFar(Chunk chunk, int layer) {
    return !chunk.in(Tier.HOT, layer) && !chunk.in(Tier.HOST, layer);
  }

  private boolean bringNear(Chunk chunk, int layer, FetchTally tally) {
    HotPool pool = parts.tiers().hot();
    long handle = slots.take(1)[0];
    tally.start();
    if (parts.fetcher().read(chunk, layer, pool.filling(handle)).isEmpty()) {
      pool.discard(handle);
      return false;
    }
    tally.end();
    pool.publish(handle);
    if (!chunk.placeHot(layer, handle)) {
      pool.retire(handle);
    }
    return true;
  }
}
