package dev.varve.sdk;

/**
 * What an erasure did. When it is there nothing of what was erased is found any more, by this
 * process or the next.
 *
 * @param chunks chunks that are gone from every tier
 * @param bytes payload bytes of their blocks, every copy counted
 * @param savedSessions saved sessions that were deleted
 * @param aliases entries that were removed from the alias indices
 * @param heldChunks erased chunks that open sessions and matches still read; each goes when the
 *     last of them closes
 */
public record ErasureReport(
    long chunks, long bytes, int savedSessions, int aliases, long heldChunks) {

  /** Both together. */
  public ErasureReport plus(ErasureReport other) {
    return new ErasureReport(
        chunks + other.chunks,
        bytes + other.bytes,
        savedSessions + other.savedSessions,
        aliases + other.aliases,
        heldChunks + other.heldChunks);
  }
}
