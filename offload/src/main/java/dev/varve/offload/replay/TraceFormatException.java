package dev.varve.offload.replay;

import java.io.IOException;

/** A trace has a line that cannot be replayed; the message names the line and the value. */
public final class TraceFormatException extends IOException {

  private static final long serialVersionUID = 1L;

  TraceFormatException(String sentence) {
    super(sentence);
  }
}
