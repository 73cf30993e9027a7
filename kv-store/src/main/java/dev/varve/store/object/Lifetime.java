package dev.varve.store.object;

/** When an object that is committed ends. */
public sealed interface Lifetime {

  /** Never. */
  record Endless() implements Lifetime {}

  /**
   * At a moment.
   *
   * @param millis since 1970
   */
  record Until(long millis) implements Lifetime {}

  /** When the object that it replaces would have ended; never, where there was none. */
  record AsBefore() implements Lifetime {}
}
