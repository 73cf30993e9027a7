package dev.varve.offload.tenancy;

import dev.varve.store.ChainKey;
import dev.varve.store.ChunkKey;
import dev.varve.store.Fingerprint;
import dev.varve.store.Tenant;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A pin as it is kept.
 *
 * @param chunkBytes payload bytes of one chunk
 * @param until milliseconds since 1970, or {@link Expiries#NEVER}
 * @param chain the pinned chunks
 */
record PinRecord(
    long id,
    Tenant tenant,
    Fingerprint fingerprint,
    int tokens,
    long chunkBytes,
    long until,
    List<ChainKey> chain) {

  PinRecord {
    chain = List.copyOf(chain);
  }

  List<ChunkKey> keys() {
    return chain.stream().map(each -> new ChunkKey(tenant, fingerprint, each)).toList();
  }

  PinRecord endingAt(long moment) {
    return new PinRecord(id, tenant, fingerprint, tokens, chunkBytes, moment, chain);
  }

  PinRecord withId(long fresh) {
    return new PinRecord(fresh, tenant, fingerprint, tokens, chunkBytes, until, chain);
  }

  PinRecord holding(List<ChainKey> left) {
    return new PinRecord(id, tenant, fingerprint, tokens, chunkBytes, until, left);
  }

  Pin shown() {
    Optional<Instant> end =
        until == Expiries.NEVER ? Optional.empty() : Optional.of(Instant.ofEpochMilli(until));
    return new Pin(id, tenant, tokens, chain.size(), chain.size() * chunkBytes, end);
  }
}
