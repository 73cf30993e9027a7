package dev.varve.compression;

/** What came of encoding. */
public sealed interface EncodeResult {

  /**
   * Written.
   *
   * @param bytes bytes at the front of the target
   */
  record Encoded(long bytes) implements EncodeResult {}

  /**
   * Not written: the block has to stay as it is, or be written in another encoding. What the target
   * holds is undefined.
   *
   * @param reason one sentence that names the value and the limit
   */
  record Refused(Cause cause, String reason) implements EncodeResult {}

  /** Why a block cannot be written. */
  enum Cause {
    /** A NaN or an infinity, which no approximate format keeps. */
    NOT_FINITE,
    /** A value whose scale does not fit the format's parameters. */
    OUT_OF_RANGE
  }
}
