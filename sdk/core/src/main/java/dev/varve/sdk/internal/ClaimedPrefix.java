package dev.varve.sdk.internal;

import dev.varve.offload.transfer.TransferDecision;
import dev.varve.store.Chunk;
import java.util.List;

/**
 * A prefix that was found worth taking over.
 *
 * @param chain less than decided if some blocks were damaged
 * @param decision why so many
 */
public record ClaimedPrefix(ClaimedChain chain, TransferDecision decision) {

  /** The chunks of the chain. */
  public List<Chunk> chunks() {
    return chain.chunks();
  }
}
