package dev.varve.sdk;

import dev.varve.offload.transfer.TransferDecision;
import dev.varve.store.Tier;
import java.util.Map;

/**
 * What was stored of a prompt at a moment: blocks may move or go right after.
 *
 * @param tokens length of the stored prefix, in whole blocks
 * @param shares what each tier holds of it, a block counted in the nearest tier that has it
 * @param decision how much of it is worth fetching, and why
 */
public record StoredPrefix(int tokens, Map<Tier, Share> shares, TransferDecision decision) {

  public StoredPrefix {
    shares = Map.copyOf(shares);
  }

  /** Bytes of all blocks before they are encoded. */
  public long bytes() {
    return shares.values().stream().mapToLong(Share::bytes).sum();
  }

  /**
   * What one tier holds.
   *
   * @param bytes of these blocks before they are encoded
   */
  public record Share(long blocks, long bytes) {

    /** Both together. */
    public Share plus(Share other) {
      return new Share(blocks + other.blocks, bytes + other.bytes);
    }
  }
}
