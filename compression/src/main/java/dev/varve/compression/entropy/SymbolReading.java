package dev.varve.compression.entropy;

/** What came of reading a stream of symbols. */
public sealed interface SymbolReading {

  /** All symbols were read. */
  record Read() implements SymbolReading {}

  /**
   * The bytes are no such stream. What the target holds is undefined.
   *
   * @param reason one sentence that names what was found and what was expected
   */
  record Refused(Fault fault, String reason) implements SymbolReading {}

  /** Why a stream cannot be read. */
  enum Fault {
    /** Too short for what it says, or longer. */
    BAD_LENGTH,
    /** A mode or a number of states that does not exist. */
    UNKNOWN,
    /** Not the number of symbols or runs that was expected. */
    MISMATCH,
    /** A table that is none, or one that is not there. */
    BAD_TABLE,
    /** The states do not come back to where encoding began. */
    WRONG_STATE
  }
}
