package dev.varve.sdk;

/**
 * The hot tier has no slot for what a step needs and nothing in it may leave. The step has changed
 * nothing and may be tried again.
 */
public final class HotTierFullException extends IllegalStateException {

  private static final long serialVersionUID = 1L;

  public HotTierFullException(String message) {
    super(message);
  }
}
