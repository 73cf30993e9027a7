package dev.varve.offload.tenancy;

/**
 * What a tenant has in one tier below HOT.
 *
 * @param blocks blocks held
 * @param bytes what they take there, with headers and padding, without dead space of files
 */
public record StoredBytes(long blocks, long bytes) {

  /** Nothing. */
  public static final StoredBytes NONE = new StoredBytes(0, 0);

  StoredBytes plus(long moreBlocks, long moreBytes) {
    return new StoredBytes(blocks + moreBlocks, bytes + moreBytes);
  }
}
