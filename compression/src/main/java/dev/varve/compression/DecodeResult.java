package dev.varve.compression;

/** What came of decoding. */
public sealed interface DecodeResult {

  /**
   * The target holds the tokens.
   *
   * @param tokens tokens read
   */
  record Decoded(int tokens) implements DecodeResult {}

  /**
   * The bytes are damaged, or belong to something else. What the target holds is undefined.
   *
   * @param reason one sentence that names what was found and what was expected
   */
  record Refused(Cause cause, String reason) implements DecodeResult {}

  /** Why bytes cannot be read. */
  enum Cause {
    /** Not a frame at all. */
    BAD_MAGIC,
    /** Written by a newer program. */
    UNSUPPORTED_VERSION,
    /** Shorter or longer than it says. */
    BAD_LENGTH,
    /** A checksum differs. */
    CHECKSUM_MISMATCH,
    /** Sound, but of another encoding, shape or element type than expected. */
    MISMATCH,
    /** The checksum is right and the content impossible. */
    CORRUPT
  }
}
