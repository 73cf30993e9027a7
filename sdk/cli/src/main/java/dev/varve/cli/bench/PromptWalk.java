package dev.varve.cli.bench;

import dev.varve.store.BlockHeader;
import dev.varve.store.ChainKey;
import dev.varve.store.Chunk;
import dev.varve.store.ChunkCatalog;
import dev.varve.store.ChunkKey;
import dev.varve.store.Digest256;
import dev.varve.store.Encoding;
import dev.varve.store.Fingerprint;
import dev.varve.store.Tenant;
import dev.varve.store.Tier;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** One long prompt and the walk along its chain of chunks in a catalog. */
final class PromptWalk {

  private static final int SPAN = 128;

  private final Fingerprint model;
  private final int[] tokens;

  PromptWalk(Fingerprint model, int tokenCount) {
    this.model = model;
    this.tokens = tokens(tokenCount);
  }

  /** Random token ids. */
  static int[] tokens(int count) {
    return new SplittableRandom(5).ints(count, 0, 128_256).toArray();
  }

  /** Enters the prompt's chunks, all {@code layers} of them on SSD. */
  void enter(ChunkCatalog catalog, int layers) {
    ChainKey parent = ChainKey.root(Tenant.NONE, model);
    for (int from = 0; from + SPAN <= tokens.length; from += SPAN) {
      ChainKey chain = parent.next(tokens, from, from + SPAN);
      ChunkKey key = new ChunkKey(Tenant.NONE, model, chain);
      for (int layer = 0; layer < layers; layer++) {
        catalog.found(
            new BlockHeader(key.block(layer, Encoding.RAW), parent, from, SPAN, layers, SPAN, 0),
            Tier.SSD);
      }
      parent = chain;
    }
  }

  /** Seconds to hash the prompt and claim all of its chunks; letting go is not counted. */
  double claimSeconds(ChunkCatalog catalog) {
    List<Chunk> claimed = new ArrayList<>();
    long started = System.nanoTime();
    ChainKey key = ChainKey.root(Tenant.NONE, model);
    for (int from = 0; from + SPAN <= tokens.length; from += SPAN) {
      key = key.next(tokens, from, from + SPAN);
      @Nullable Chunk chunk = catalog.claim(new ChunkKey(Tenant.NONE, model, key));
      if (chunk == null) {
        throw new IllegalStateException("chunk at token " + from + " was entered and is not found");
      }
      claimed.add(chunk);
    }
    double seconds = (System.nanoTime() - started) / 1e9;
    claimed.forEach(Chunk::unclaim);
    return seconds;
  }

  /** Seconds of SHA-256 alone over the same bytes in as many messages. */
  double hashSeconds() {
    MessageDigest digest = Digest256.sha256();
    byte[] message = new byte[Digest256.BYTES + Integer.BYTES * (SPAN + 2)];
    ByteBuffer ids = ByteBuffer.wrap(message);
    long started = System.nanoTime();
    byte[] last = new byte[Digest256.BYTES];
    for (int from = 0; from + SPAN <= tokens.length; from += SPAN) {
      ids.put(0, last);
      ids.slice(Digest256.BYTES, Integer.BYTES * SPAN).asIntBuffer().put(tokens, from, SPAN);
      last = digest.digest(message);
    }
    return (System.nanoTime() - started + (last[0] == 0 ? 1 : 0)) / 1e9;
  }
}
