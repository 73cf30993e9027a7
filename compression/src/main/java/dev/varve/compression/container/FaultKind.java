package dev.varve.compression.container;

/** Why a container, or a part of one, cannot be used. */
public enum FaultKind {
  /** Not a container at all. */
  BAD_MAGIC,
  /** Written by a newer program, or with a codec that this one does not have. */
  UNSUPPORTED_VERSION,
  /** Says that it cannot be understood without something that this program does not know. */
  UNKNOWN_CRITICAL_FLAG,
  /** Shorter than it says, or without an end. */
  TRUNCATED_INPUT,
  /** A checksum differs. */
  CHECKSUM_MISMATCH,
  /** The checksum is right and the content impossible. */
  CORRUPT_PAYLOAD,
  /** A block needs a table set that is not there. */
  TABLE_MISSING,
  /** Of another model than the reader's. */
  MODEL_MISMATCH
}
