package dev.varve.sidecar.handover;

/** A value has no place in a memory file. The message says what to do. */
public final class ShelfFullException extends Exception {

  private static final long serialVersionUID = 1L;

  ShelfFullException(String message) {
    super(message, null, false, false);
  }
}
