package dev.varve.sdk.internal;

import dev.varve.offload.Place;
import dev.varve.offload.Prefetch;
import dev.varve.offload.transfer.FetchTally;
import dev.varve.offload.transfer.TransferDecision;
import dev.varve.sdk.StoredPrefix;
import dev.varve.store.ChainHash;
import dev.varve.store.ChainKey;
import dev.varve.store.Chunk;
import dev.varve.store.ChunkKey;
import dev.varve.store.Fingerprint;
import dev.varve.store.Tenant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
  private final Optional<SharedChunks> shared;

  public Prefixes(CacheParts parts) {
    this.parts = parts;
    this.needed = new NeededBlocks(parts.tiers().geometry());
    this.slots = new HotSlots(parts);
    this.shared = SharedChunks.of(parts);
  }

  /**
   * The chunks that hold the front of {@code tokenIds}, in {@code lineage} or, if more is stored
   * there, in the exact one.
   */
  public ClaimedChain claim(Tenant tenant, Fingerprint lineage, int[] tokenIds) {
    return claim(longest(tenant, lineage, tokenIds), tokenIds, List::size, newTally());
  }

  /** The same in {@code lineages} and no others. */
  public ClaimedChain claimIn(Tenant tenant, ChainLineages lineages, int[] tokenIds) {
    return claim(chain(tenant, lineages, tokenIds), tokenIds, List::size, newTally());
  }

  private FetchTally newTally() {
    return parts.transfers().newTally();
  }

  /**
   * The same as {@link #claim}, but only as many of them as are predicted to be fetched faster than
   * computed; this is counted.
   */
  public ClaimedPrefix claimWorthwhile(Tenant tenant, Fingerprint lineage, int[] tokenIds) {
    List<TransferDecision> decisions = new ArrayList<>(1);
    FetchTally tally = newTally();
    ClaimedChain claimed =
        claim(
            longest(tenant, lineage, tokenIds),
            tokenIds,
            whole -> {
              decisions.add(parts.transfers().decide(whole));
              return decisions.getFirst().chunksTaken();
            },
            tally);
    parts.transfers().done(decisions.getFirst(), claimed.chunks().size(), tally);
    return new ClaimedPrefix(claimed, decisions.getFirst());
  }

  /** All chunks that the tiers hold whole, claimed and not read. */
  public ClaimedPrefix hold(Tenant tenant, Fingerprint lineage, int[] tokenIds) {
    ClaimedChain found = longest(tenant, lineage, tokenIds);
    int usable = needed.longestWhole(found.chunks());
    List<Chunk> whole = found.chunks().subList(0, usable);
    found.chunks().subList(usable, found.chunks().size()).forEach(Chunk::unclaim);
    parts.orders().requested(whole, tokenIds.length / parts.tiers().geometry().blockTokens());
    ClaimedChain held = new ClaimedChain(found.lineage(), whole);
    return new ClaimedPrefix(held, parts.transfers().decide(whole));
  }

  /** Where the chunks are that the tiers hold whole. */
  public StoredPrefix find(Tenant tenant, Fingerprint lineage, int[] tokenIds) {
    ClaimedChain found = longest(tenant, lineage, tokenIds);
    try {
      List<Chunk> whole = found.chunks().subList(0, needed.longestWhole(found.chunks()));
      return new StoredPrefix(
          whole.size() * parts.tiers().geometry().blockTokens(),
          StoredShares.of(whole, parts.tiers().geometry()),
          parts.transfers().decide(whole));
    } finally {
      found.unclaim();
    }
  }

  /** Begins to make hot what is stored of the front of {@code tokenIds}. */
  public Prefetch prefetch(Tenant tenant, Fingerprint lineage, int[] tokenIds) {
    List<Chunk> chain = longest(tenant, lineage, tokenIds).chunks();
    int whole = needed.longestWhole(chain);
    chain.subList(whole, chain.size()).forEach(Chunk::unclaim);
    List<Chunk> chunks = chain.subList(0, whole);
    List<Place> wanted = new ArrayList<>();
    for (int i = 0; i < whole; i++) {
      for (int layer : needed.layers(i, whole)) {
        wanted.add(new Place(chunks.get(i), layer));
      }
    }
    return parts.prefetcher().start(chunks, wanted);
  }

  private ClaimedChain claim(
      ClaimedChain found, int[] tokenIds, ToIntFunction<List<Chunk>> share, FetchTally tally) {
    List<Chunk> chain = found.chunks();
    int usable = 0;
    try (FarBlocks far = new FarBlocks(parts, slots, tally)) {
      List<Chunk> whole = chain.subList(0, needed.longestWhole(chain));
      // Before any block becomes hot: one that no order knows of could never leave.
      parts.orders().requested(whole, tokenIds.length / parts.tiers().geometry().blockTokens());
      usable = checked(chain, share.applyAsInt(whole), far);
    } finally {
      chain.subList(usable, chain.size()).forEach(Chunk::unclaim);
    }
    return new ClaimedChain(found.lineage(), chain.subList(0, usable));
  }

  /**
   * The chain of the lineage in which more is stored; never a mixture, so that what hangs on what
   * stays plain. In a tie the approximate one, which takes less room.
   */
  private ClaimedChain longest(Tenant tenant, Fingerprint lineage, int[] tokenIds) {
    ClaimedChain chain = chain(tenant, lineage, tokenIds);
    if (lineage.equals(parts.fingerprint())) {
      return chain;
    }
    ClaimedChain exact = chain(tenant, parts.fingerprint(), tokenIds);
    boolean more = needed.longestWhole(exact.chunks()) > needed.longestWhole(chain.chunks());
    (more ? chain : exact).unclaim();
    return more ? exact : chain;
  }

  private ClaimedChain chain(Tenant tenant, Fingerprint lineage, int[] tokenIds) {
    return chain(tenant, ChainLineages.all(lineage), tokenIds);
  }

  private ClaimedChain chain(Tenant tenant, ChainLineages lineages, int[] tokenIds) {
    int span = parts.tiers().geometry().blockTokens();
    List<Chunk> chain = new ArrayList<>();
    ChainHash hash = new ChainHash();
    ChainKey key = ChainKey.root(tenant, lineages.lineage());
    boolean ask = shared.isPresent() && lineages.code().isEmpty();
    for (int from = 0; from + span <= tokenIds.length; from += span) {
      int index = from / span;
      ChainKey before = key;
      key =
          lineages.changesAt(index)
              ? lineages.key(tenant, index, key, tokenIds, span)
              : hash.next(key, tokenIds, from, from + span);
      ChunkKey wanted = new ChunkKey(tenant, lineages.of(index), key);
      @Nullable Chunk chunk = parts.tiers().catalog().claim(wanted);
      if (ask && (chunk == null || !needed.whole(chunk))) {
        ask = false;
        shared.get().discover(before, wanted, from, tokenIds);
        chunk = chunk == null ? parts.tiers().catalog().claim(wanted) : chunk;
      }
      if (chunk == null) {
        break;
      }
      if (parts.tenancy().retention().hidden(chunk.key())) {
        chunk.unclaim();
        break;
      }
      chain.add(chunk);
    }
    return new ClaimedChain(lineages.lineage(), chain);
  }

  /** How many of the first {@code usable} chunks remain once far blocks have been read. */
  private int checked(List<Chunk> chain, int usable, FarBlocks far) {
    for (int i = 0; i < usable; i++) {
      if (!far.check(chain.get(i), needed.layers(i, usable))) {
        return i == 0 ? 0 : checked(chain, i, far);
      }
    }
    return usable;
  }
}
