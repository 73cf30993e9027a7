package dev.varve.store.host;

import dev.varve.store.BlockGeometry;
import dev.varve.store.Checks;

/**
 * Size of a HOST tier.
 *
 * @param capacityBytes most bytes its blocks may take, headers and rounding included
 * @param largestPayloadBytes longest payload it must be able to hold
 */
public record HostTierConfig(long capacityBytes, int largestPayloadBytes) {

  public HostTierConfig {
    Checks.positive(capacityBytes, "capacityBytes");
    Checks.positive(largestPayloadBytes, "largestPayloadBytes");
    if (largestPayloadBytes > BlockGeometry.MAX_BYTES) {
      throw new IllegalArgumentException(
          "largestPayloadBytes is "
              + largestPayloadBytes
              + ", a block has at most "
              + BlockGeometry.MAX_BYTES);
    }
    long block = HostMapLayout.footprint(largestPayloadBytes);
    if (capacityBytes < block) {
      throw new IllegalArgumentException(
          "the host tier has "
              + capacityBytes
              + " bytes, one block takes "
              + block
              + ": give it room for at least one");
    }
  }

  /** Memory that a full tier takes. */
  public long memoryBytes() {
    return HostMapLayout.of(this).memoryBytes();
  }
}
