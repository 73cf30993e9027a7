package dev.varve.sidecar.handover;

/**
 * What a memory file holds and has done.
 *
 * @param bytes of the file
 * @param used bytes of values
 * @param leased bytes of values that somebody has leased
 * @param values number of values
 * @param found leases of values that were there already
 * @param copied values that were copied into it
 * @param displaced values that made room for others
 */
public record ShelfState(
    long bytes, long used, long leased, int values, long found, long copied, long displaced) {

  /** Nothing. */
  public static final ShelfState NONE = new ShelfState(0, 0, 0, 0, 0, 0, 0);

  /** Both together. */
  public ShelfState plus(ShelfState other) {
    return new ShelfState(
        bytes + other.bytes,
        used + other.used,
        leased + other.leased,
        values + other.values,
        found + other.found,
        copied + other.copied,
        displaced + other.displaced);
  }
}
