package dev.varve.compression;

/** What the front of a payload turned out to be. */
sealed interface FrameReading {

  /** A header that is consistent in itself and with the length of the payload. */
  record Sound(FrameHeader header) implements FrameReading {}

  /** No header. */
  record Refused(DecodeResult.Refused why) implements FrameReading {}
}
