package dev.varve.store;

/**
 * What a read from a tier gave. The target holds the payload after {@link Found}, is untouched
 * after {@link Absent}, and holds nothing of use after {@link Damaged}.
 */
public sealed interface ReadOutcome {

  /** The payload was delivered and every check passed. */
  record Found(BlockHeader header) implements ReadOutcome {}

  /** The tier does not hold the block. */
  record Absent() implements ReadOutcome {}

  /**
   * The tier held bytes under this key that failed a check; they count as a miss and must not be
   * used.
   */
  record Damaged(String reason) implements ReadOutcome {}
}
