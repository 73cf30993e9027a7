package dev.varve.sdk;

/**
 * A block of a running session can be read from no tier any more, because every copy failed its
 * check or was taken away. The session must be closed; a new one finds what is left and computes
 * the rest.
 */
public final class LostBlockException extends IllegalStateException {

  private static final long serialVersionUID = 1L;

  public LostBlockException(String message) {
    super(message);
  }
}
