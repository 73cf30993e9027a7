package dev.varve.store.alias;

import dev.varve.store.Digest256;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How another engine names its blocks: a hash chain over token ids, one link for each full block.
 * Block {@code b} holds tokens {@code [b * blockTokens, (b + 1) * blockTokens)}, and its hash
 * stands for the whole prefix that ends with it. Immutable and thread-safe.
 */
public sealed interface EngineKeys permits VllmKeys, SglangKeys, LmcacheKeys {

  /** Engine and hash function, for scopes and log lines. */
  String name();

  /** Tokens of one block. */
  int blockTokens();

  /**
   * The hash of one block.
   *
   * @param parent hash of the block before; null for the first block
   * @param tokenIds ids of the sequence, none negative
   * @param from index of the block's first token; all its tokens must be there
   */
  Digest256 block(@Nullable Digest256 parent, int[] tokenIds, int from);

  /**
   * The hashes of all full blocks of {@code tokenIds}, first block first; tokens after the last
   * full block have no hash.
   */
  default List<Digest256> hashes(int[] tokenIds) {
    List<Digest256> hashes = new ArrayList<>(tokenIds.length / blockTokens());
    Digest256 parent = null;
    for (int from = 0; from <= tokenIds.length - blockTokens(); from += blockTokens()) {
      parent = block(parent, tokenIds, from);
      hashes.add(parent);
    }
    return hashes;
  }
}
