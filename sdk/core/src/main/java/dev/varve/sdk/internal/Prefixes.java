package dev.varve.sdk.internal;

import dev.varve.offload.transfer.FetchTally;
import dev.varve.offload.transfer.TransferDecision;
import dev.varve.store.ChainKey;
import dev.varve.store.Chunk;
import dev.varve.store.ChunkKey;
import dev.varve.store.Tenant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Finds the longest stored prefix of a prompt and makes sure that its blocks are whole: a block
 * that lies far away only is read once and checked, see {@link FarBlocks}, so that damage shows
 * here, as a shorter match, and not in the middle of a step. Thread-safe.
 */
public final class Prefixes {

  private final CacheParts parts;
  private final HotSlots slots;
  private final NeededBlocks needed;

  public Prefixes(CacheParts parts) {
    this.parts = parts;
    this.needed = new NeededBlocks(parts.tiers().geometry());
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

  private List<Chunk> claim(
      Tenant tenant, int[] tokenIds, ToIntFunction<List<Chunk>> share, FetchTally tally) {
    List<Chunk> chain = chain(tenant, tokenIds);
    int usable = 0;
    try (FarBlocks far = new FarBlocks(parts, slots, tally)) {
      List<Chunk> whole = chain.subList(0, needed.longestWhole(chain));
      // Before any block becomes hot: one that no order knows of could never leave.
      parts.orders().requested(whole, tokenIds.length / parts.tiers().geometry().blockTokens());
      usable = checked(chain, share.applyAsInt(whole), far);
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

  /** How many of the first {@code usable} chunks remain once far blocks have been read. */
  private int checked(List<Chunk> chain, int usable, FarBlocks far) {
    for (int owner = 0; owner < needed.owners(); owner++) {
      for (int i = needed.first(owner, usable); i < usable; i++) {
        if (!far.check(chain.get(i), needed.layer(owner))) {
          return i == 0 ? 0 : checked(chain, i, far);
        }
      }
    }
    return usable;
  }
}
