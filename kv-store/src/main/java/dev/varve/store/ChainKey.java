package dev.varve.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * Names a chunk by everything before it: a SHA-256 chain over the token ids of each chunk, seeded
 * by tenant and fingerprint. Two chunks have the same key only if they hold the same tokens after
 * the same tokens, for the same tenant and model.
 */
public record ChainKey(Digest256 digest) {

  private static final byte[] SEED = "varve chain 1".getBytes(StandardCharsets.US_ASCII);

  /** The start of every chain of this tenant and model; names no chunk itself. */
  public static ChainKey root(Tenant tenant, Fingerprint fingerprint) {
    MessageDigest digest = Digest256.sha256();
    digest.update(SEED);
    digest.update(ByteBuffer.allocate(16).putLong(tenant.high()).putLong(tenant.low()).flip());
    digest.update(fingerprint.digest().toBytes());
    return new ChainKey(Digest256.finish(digest));
  }

  /** The key of the chunk that holds {@code tokenIds[from..to)} right after this chunk. */
  public ChainKey next(int[] tokenIds, int from, int to) {
    return next(tokenIds, from, to, new byte[0]);
  }

  /**
   * The same with tagged extra fields, which tell chunks apart whose token ids are equal but whose
   * keys and values are not.
   *
   * @param extra canonical bytes of LoRA adapters, images and prompt embeddings in this chunk;
   *     empty for plain text
   */
  public ChainKey next(int[] tokenIds, int from, int to, byte[] extra) {
    return new ChainHash().next(this, tokenIds, from, to, extra);
  }

  @Override
  public String toString() {
    return digest.shortHex();
  }
}
