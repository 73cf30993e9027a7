package dev.varve.cli.bench;

import dev.varve.store.BlockHeader;
import dev.varve.store.ChainKey;
import dev.varve.store.ChunkCatalog;
import dev.varve.store.ChunkKey;
import dev.varve.store.Digest256;
import dev.varve.store.Encoding;
import dev.varve.store.Fingerprint;
import dev.varve.store.Tenant;
import dev.varve.store.Tier;
import java.util.SplittableRandom;

/**
 * Chunks of an invented model with one layer, in prompts of {@value #PROMPT_CHUNKS} chunks. Their
 * keys are drawn, not hashed, so that each can be made again from its number.
 */
final class CatalogFill {

  static final int PROMPT_CHUNKS = 64;
  private static final int TOKENS = 128;

  private final Fingerprint model;

  CatalogFill(Fingerprint model) {
    this.model = model;
  }

  /** The key of chunk {@code number}. */
  ChunkKey key(int number) {
    SplittableRandom random = new SplittableRandom(number * 0x9E3779B97F4A7C15L);
    Digest256 digest =
        new Digest256(random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
    return new ChunkKey(Tenant.NONE, model, new ChainKey(digest));
  }

  /** The first 64 bits of the key of the chunk before {@code number}, if it is not a first one. */
  ChainKey parent(int number) {
    return number % PROMPT_CHUNKS == 0
        ? ChainKey.root(Tenant.NONE, model)
        : key(number - 1).chain();
  }

  /** Enters chunks {@code [from, to)} as if their blocks were found on SSD. */
  void enter(ChunkCatalog catalog, int from, int to) {
    ChainKey parent = from < to ? parent(from) : ChainKey.root(Tenant.NONE, model);
    ChainKey root = ChainKey.root(Tenant.NONE, model);
    for (int number = from; number < to; number++) {
      ChunkKey key = key(number);
      int place = number % PROMPT_CHUNKS;
      ChainKey before = place == 0 ? root : parent;
      BlockHeader header =
          new BlockHeader(key.block(0, Encoding.RAW), before, place * TOKENS, TOKENS, 1, TOKENS, 0);
      catalog.found(header, Tier.SSD);
      parent = key.chain();
    }
  }
}
