package dev.varve.store.host;

/**
 * Keeps Chronicle silent. Its analytics is not on our class path; these properties keep it off
 * where an application brings it along, and the banner with it. They must be set before Chronicle's
 * first class is loaded.
 */
final class ChronicleQuiet {

  private ChronicleQuiet() {}

  static void apply() {
    System.setProperty("chronicle.analytics.disable", "true");
    System.setProperty("chronicle.announcer.disable", "true");
  }
}
