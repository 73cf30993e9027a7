package dev.varve.sidecar.resp;

/** Bytes that are no request: the client gets the sentence as an error, and is disconnected. */
public final class ProtocolException extends Exception {

  private static final long serialVersionUID = 1L;

  /**
   * @param sentence in Redis's words where Redis has words for it
   */
  public ProtocolException(String sentence) {
    super("Protocol error: " + sentence, null, false, false);
  }
}
