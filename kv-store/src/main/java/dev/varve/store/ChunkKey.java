package dev.varve.store;

/** Full identity of a chunk: whose it is, of which model, after which tokens. */
public record ChunkKey(Tenant tenant, Fingerprint fingerprint, ChainKey chain) {

  /** The block of this chunk at {@code layer}. */
  public BlockKey block(int layer, Encoding encoding) {
    return new BlockKey(this, layer, encoding);
  }
}
