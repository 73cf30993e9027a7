package dev.varve.sdk.wire;

/** What came of reading the header of a frame. */
public sealed interface WireFrameReading {

  /** The header is sound; the payload is still to be checked. */
  record Sound(WireFrame frame) implements WireFrameReading {}

  /**
   * These bytes are no header of a frame.
   *
   * @param reason one sentence that names what was found and what was expected
   */
  record Refused(String reason) implements WireFrameReading {}
}
