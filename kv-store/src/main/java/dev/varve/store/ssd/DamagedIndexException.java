package dev.varve.store.ssd;

/** An index file that is not to be used; the message says why. */
final class DamagedIndexException extends RuntimeException {

  private static final long serialVersionUID = 1;

  DamagedIndexException(String reason) {
    super(reason);
  }
}
