package dev.varve.store;

/**
 * A store that cannot be opened or written: the message names the path, the reason and a remedy.
 */
public class StoreException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public StoreException(String message) {
    super(message);
  }

  public StoreException(String message, Throwable cause) {
    super(message, cause);
  }
}
