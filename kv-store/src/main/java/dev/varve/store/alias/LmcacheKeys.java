package dev.varve.store.alias;

import dev.varve.store.Checks;
import dev.varve.store.Digest256;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * The chunk hashes of an LMCache server with its default hash: BLAKE3 over the 32 bytes of the hash
 * before, then each token id as four big-endian bytes. Its {@code sha256_cbor} hashes are {@link
 * VllmKeys} with 256 tokens; its {@code builtin} hashes are Python's and cannot be computed here.
 *
 * <p>Salt and model are no part of the hash: LMCache puts them beside it in its object keys, and an
 * {@link AliasScope} does the same here.
 *
 * <p>The bytes follow LMCache's published source; no vector of a running LMCache was at hand.
 *
 * @param root what stands before the first chunk
 * @param blockTokens tokens of one chunk: {@code --chunk-size} of the server
 */
public record LmcacheKeys(Digest256 root, int blockTokens) implements EngineKeys {

  /** Tokens of a chunk unless the server was told otherwise. */
  public static final int DEFAULT_CHUNK_TOKENS = 256;

  public LmcacheKeys {
    Checks.positive(blockTokens, "tokens of a chunk");
  }

  /**
   * The hashes of a server that takes no seed from vLLM: the root is the hash of the eight-byte
   * number 0 and the token 0. A server that shares its process with a vLLM whose {@code NONE_HASH}
   * accepts this hash function has that value as its root; use the constructor then.
   */
  public static LmcacheKeys standalone(int blockTokens) {
    return new LmcacheKeys(Blake3.hash(new byte[Long.BYTES + Integer.BYTES]), blockTokens);
  }

  @Override
  public String name() {
    return "lmcache.blake3";
  }

  @Override
  public Digest256 block(@Nullable Digest256 parent, int[] tokenIds, int from) {
    byte[] before = (parent == null ? root : parent).toBytes();
    byte[] tokens = BlockTokens.pack(tokenIds, from, blockTokens, ByteOrder.BIG_ENDIAN);
    byte[] message = new byte[before.length + tokens.length];
    System.arraycopy(before, 0, message, 0, before.length);
    System.arraycopy(tokens, 0, message, before.length, tokens.length);
    return Blake3.hash(message);
  }
}
