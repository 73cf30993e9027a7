package dev.varve.client.internal;

/** A request that failed; never seen outside of the client. */
public final class RemoteException extends Exception {

  private static final long serialVersionUID = 1L;

  private final boolean answered;

  private RemoteException(String message, boolean answered) {
    super(message);
    this.answered = answered;
  }

  /** The connection is of no use any more. */
  static RemoteException broken(String message) {
    return new RemoteException(message, false);
  }

  /** The server answered with an error, and the connection goes on. */
  static RemoteException answered(String message) {
    return new RemoteException(message, true);
  }

  /** Whether the connection may be used again. */
  public boolean wasAnswered() {
    return answered;
  }
}
