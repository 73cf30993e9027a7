package dev.varve.sdk;

/**
 * The hot tier has no slot for what is needed and nothing in it may leave. A step that cannot begin
 * has changed nothing and may be tried again; a forgetting that fails leaves the session whole.
 */
public final class HotTierFullException extends IllegalStateException {

  private static final long serialVersionUID = 1L;

  public HotTierFullException(String message) {
    super(message);
  }
}
