package dev.varve.offload.transfer;

import dev.varve.store.Tier;

/**
 * Blocks that would come out of one tier.
 *
 * @param tier below HOT
 * @param blocks how many
 * @param bytes their payload
 * @param seconds predicted time to read them; 0 while the tier's speed is unknown
 */
public record TierFetch(Tier tier, long blocks, long bytes, double seconds) {}
