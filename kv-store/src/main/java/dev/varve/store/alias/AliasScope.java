package dev.varve.store.alias;

import dev.varve.store.ChunkKey;
import dev.varve.store.Fingerprint;
import dev.varve.store.Tenant;

/**
 * Within what a hash of another engine is unique. Those hashes do not name the model, and most not
 * the tenant, so an alias is found only under the tenant and the fingerprint that it was entered
 * with.
 *
 * <p>Requests that the engine's hashes do not tell apart though their keys and values differ, such
 * as the adapters of SGLang and LMCache, need tenants or fingerprints of their own.
 *
 * @param engine {@link EngineKeys#name}
 * @param blockTokens tokens of one block of that engine
 * @param tenant whose chunks
 * @param fingerprint of which model
 */
public record AliasScope(String engine, int blockTokens, Tenant tenant, Fingerprint fingerprint) {

  /** The scope of the engine's hashes for this tenant and model. */
  public static AliasScope of(EngineKeys keys, Tenant tenant, Fingerprint fingerprint) {
    return new AliasScope(keys.name(), keys.blockTokens(), tenant, fingerprint);
  }

  /** Whether {@code chunk} belongs to this tenant and model. */
  public boolean covers(ChunkKey chunk) {
    return chunk.tenant().equals(tenant) && chunk.fingerprint().equals(fingerprint);
  }
}
