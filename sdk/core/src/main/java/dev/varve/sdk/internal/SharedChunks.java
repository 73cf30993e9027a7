package dev.varve.sdk.internal;

import dev.varve.offload.tenancy.SealTerms;
import dev.varve.store.BlockHeader;
import dev.varve.store.BlockKey;
import dev.varve.store.BlockTier;
import dev.varve.store.ChainHash;
import dev.varve.store.ChainKey;
import dev.varve.store.Chunk;
import dev.varve.store.ChunkKey;
import dev.varve.store.ChunkSpan;
import dev.varve.store.Encoding;
import dev.varve.store.Tier;
import dev.varve.store.remote.RemoteTier;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds what other processes share of a prompt. What the remote tier names is entered in the
 * catalog as lying there; it is checked when it is read. Thread-safe.
 */
final class SharedChunks {

  /** Chunks that are asked for in one round trip. */
  private static final int AT_ONCE = 1024;

  private final CacheParts parts;
  private final RemoteTier tier;
  private final NeededBlocks needed;

  private SharedChunks(CacheParts parts, RemoteTier tier) {
    this.parts = parts;
    this.tier = tier;
    this.needed = new NeededBlocks(parts.tiers().geometry());
  }

  /** Of these parts; empty if nothing is shared. */
  static Optional<SharedChunks> of(CacheParts parts) {
    for (BlockTier tier : parts.tiers().lower()) {
      if (tier instanceof RemoteTier remote) {
        return Optional.of(new SharedChunks(parts, remote));
      }
    }
    return Optional.empty();
  }

  /**
   * Enters chunks from {@code first} on until one is not shared whole.
   *
   * @param parent chain key of the chunk before the first
   * @param from position of the first one's first token
   * @param tokenIds all tokens
   */
  void discover(ChainKey parent, ChunkKey first, int from, int[] tokenIds) {
    int span = parts.tiers().geometry().blockTokens();
    ChainHash hash = new ChainHash();
    ChainKey before = parent;
    ChunkKey next = first;
    int at = from;
    boolean whole = true;
    while (whole && at + span <= tokenIds.length) {
      List<ChunkKey> keys = new ArrayList<>();
      List<ChunkSpan> spans = new ArrayList<>();
      while (keys.size() < AT_ONCE && at + span <= tokenIds.length) {
        keys.add(next);
        spans.add(new ChunkSpan(before, at, span, parts.tiers().geometry().shape().layerCount()));
        before = next.chain();
        at += span;
        if (at + span <= tokenIds.length) {
          ChainKey chain = hash.next(before, tokenIds, at, at + span);
          next = new ChunkKey(first.tenant(), first.fingerprint(), chain);
        }
      }
      List<List<BlockKey>> found = tier.find(keys);
      for (int i = 0; i < keys.size() && whole; i++) {
        whole = enter(keys.get(i), spans.get(i), found.get(i));
      }
    }
  }

  private boolean enter(ChunkKey key, ChunkSpan span, List<BlockKey> blocks) {
    if (blocks.isEmpty() || parts.tenancy().retention().hidden(key)) {
      return false;
    }
    Chunk chunk =
        parts
            .tenancy()
            .retention()
            .seal(
                key,
                span.parent(),
                new SealTerms(),
                () -> parts.tiers().catalog().claimOrAdd(new Chunk(key, span)));
    try {
      parts.tenancy().ledger().sealed(key, span.parent());
      for (BlockKey block : blocks) {
        if (block.layer() < chunk.layers()) {
          note(block, span);
          chunk.place(block.layer(), Tier.REMOTE);
        }
      }
      return needed.whole(chunk);
    } finally {
      chunk.unclaim();
    }
  }

  private void note(BlockKey block, ChunkSpan span) {
    if (!block.encoding().equals(Encoding.RAW)) {
      BlockHeader header =
          new BlockHeader(
              block, span.parent(), span.firstToken(), span.tokens(), span.layers(), 1, 0);
      parts.tiers().variants().found(header, Tier.REMOTE);
    }
  }
}
