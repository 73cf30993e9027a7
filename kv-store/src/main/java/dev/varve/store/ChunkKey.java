package dev.varve.store;

/** Full identity of a chunk: whose it is, of which model, after which tokens. */
public record ChunkKey(Tenant tenant, Fingerprint fingerprint, ChainKey chain) {

  /** A word of the chain, which is seeded by tenant and fingerprint, tells as much as all words. */
  @Override
  public int hashCode() {
    return Long.hashCode(chain.digest().second());
  }

  /** The block of this chunk at {@code layer}. */
  public BlockKey block(int layer, Encoding encoding) {
    return new BlockKey(this, layer, encoding);
  }
}
