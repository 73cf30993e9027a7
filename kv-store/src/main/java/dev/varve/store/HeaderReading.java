package dev.varve.store;

/** What {@link BlockHeaderDescriptor#read} made of some bytes. */
public sealed interface HeaderReading {

  /** The bytes are a sound header. */
  record Sound(BlockHeader header) implements HeaderReading {}

  /**
   * The bytes are no header that may be trusted.
   *
   * @param reason names the check that failed, the value and the limit; no content
   */
  record Refused(String reason) implements HeaderReading {}
}
