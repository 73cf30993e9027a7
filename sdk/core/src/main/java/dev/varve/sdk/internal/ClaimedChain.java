package dev.varve.sdk.internal;

import dev.varve.store.Chunk;
import dev.varve.store.Fingerprint;
import java.util.List;

/**
 * The first chunks of a prompt.
 *
 * @param lineage that all of them are of
 * @param chunks claimed for the caller
 */
public record ClaimedChain(Fingerprint lineage, List<Chunk> chunks) {

  public ClaimedChain {
    chunks = List.copyOf(chunks);
  }

  void unclaim() {
    chunks.forEach(Chunk::unclaim);
  }
}
