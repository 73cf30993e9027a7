package dev.varve.sidecar.metrics;

/** What labels say where there is nothing to say. */
final class Labels {

  private Labels() {}

  static String orNone(String value) {
    return value.isEmpty() ? "none" : value;
  }
}
