package dev.varve.sidecar.resp;

/**
 * A value was damaged after its length had been written: only the end of the connection is left.
 */
public final class BrokenReplyException extends Exception {

  private static final long serialVersionUID = 1L;

  BrokenReplyException() {
    super("a stored value cannot be read to its end", null, false, false);
  }
}
