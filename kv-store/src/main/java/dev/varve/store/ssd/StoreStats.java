package dev.varve.store.ssd;

import java.util.List;

/**
 * What a store holds.
 *
 * @param blocks that the index names
 * @param payloadBytes of them
 * @param diskBytes of all segment files, free ones included
 * @param freeFiles files that wait to be used again
 * @param freeBytes of them
 * @param ioMode {@code O_DIRECT}, or {@code buffered} and why
 * @param cleanlyClosed whether the store was closed, not cut off
 * @param segments oldest first
 * @param tenants by the hash of their salt
 * @param models by their fingerprint
 */
public record StoreStats(
    long blocks,
    long payloadBytes,
    long diskBytes,
    long freeFiles,
    long freeBytes,
    String ioMode,
    boolean cleanlyClosed,
    List<SegmentUsage> segments,
    List<Owner> tenants,
    List<Owner> models) {

  /**
   * One segment file.
   *
   * @param number in its name
   * @param fileBytes of the file
   * @param usedBytes up to the end of its last live record
   * @param liveBytes of its live records
   * @param blocks live in it
   */
  public record SegmentUsage(
      long number, long fileBytes, long usedBytes, long liveBytes, long blocks) {

    /** Which part of the file is live. */
    public double liveRatio() {
      return fileBytes == 0 ? 0 : (double) liveBytes / fileBytes;
    }
  }

  /**
   * Whose blocks, or of which model.
   *
   * @param hash in hexadecimal
   * @param blocks held
   * @param payloadBytes of them
   */
  public record Owner(String hash, long blocks, long payloadBytes) {}
}
