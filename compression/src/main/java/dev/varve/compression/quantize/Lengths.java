package dev.varve.compression.quantize;

import dev.varve.compression.DecodeResult;
import dev.varve.compression.DecodeResult.Cause;

/** The one thing that can be wrong with a section of fixed size. */
public final class Lengths {
  private Lengths() {}

  /** A section of {@code bytes} where {@code tokens} tokens take {@code expected}. */
  public static DecodeResult.Refused refused(String format, long bytes, int tokens, long expected) {
    return new DecodeResult.Refused(
        Cause.CORRUPT,
        "%s: %d bytes for %d tokens, must be %d".formatted(format, bytes, tokens, expected));
  }
}
