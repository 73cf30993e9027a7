package dev.varve.sdk.internal;

import dev.varve.offload.transfer.TransferDecision;
import dev.varve.store.Chunk;
import java.util.List;

/**
 * A prefix that was found worth taking over.
 *
 * @param chunks claimed for the caller; less than decided if some were damaged
 * @param decision why so many
 */
public record ClaimedPrefix(List<Chunk> chunks, TransferDecision decision) {

  public ClaimedPrefix {
    chunks = List.copyOf(chunks);
  }
}
