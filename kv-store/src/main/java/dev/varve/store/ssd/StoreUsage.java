package dev.varve.store.ssd;

/**
 * What a store keeps of one model for one tenant.
 *
 * @param tenant hash of its salt, 32 hexadecimal digits; zeros for callers without a salt
 * @param model fingerprint, 64 hexadecimal digits, or {@link #OBJECTS}
 * @param chunks chunks of which any block is held; pieces of objects
 * @param blocks blocks held
 * @param payloadBytes of these blocks
 * @param storedBytes of their records, with headers and padding
 */
public record StoreUsage(
    String tenant, String model, long chunks, long blocks, long payloadBytes, long storedBytes) {

  /** Stands in place of a model for opaque objects. */
  public static final String OBJECTS = "objects";
}
