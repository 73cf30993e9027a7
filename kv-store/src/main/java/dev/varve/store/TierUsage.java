package dev.varve.store;

/**
 * How full a tier is.
 *
 * @param blocks blocks held
 * @param payloadBytes bytes of their payloads
 * @param usedBytes bytes taken with headers, padding and dead space
 * @param capacityBytes bytes the tier may take
 */
public record TierUsage(long blocks, long payloadBytes, long usedBytes, long capacityBytes) {}
