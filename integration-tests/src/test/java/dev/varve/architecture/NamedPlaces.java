package dev.varve.architecture;

import java.util.List;

/**
 * The one list of classes that may do what {@link ForbiddenCalls} forbids.
 *
 * @param call what is allowed
 * @param place a top-level class, or a package with those below it when it ends with a dot
 * @param reason why there is no other way
 */
record NamedPlaces(ForbiddenCalls call, String place, String reason) {
  private static final List<NamedPlaces> ALL =
      List.of(
          new NamedPlaces(
              ForbiddenCalls.SYSTEM_PROPERTY,
              "dev.varve.store.host.ChronicleQuiet",
              "Chronicle can be told to send nothing by a system property only"),
          new NamedPlaces(
              ForbiddenCalls.CONSOLE,
              "dev.varve.cli.Console",
              "the command line has one class that prints"),
          new NamedPlaces(
              ForbiddenCalls.THREAD,
              "dev.varve.cli.",
              "the command line is the process, so it makes the executors that a config names"));

  static boolean allows(ForbiddenCalls call, ClassFacts facts) {
    return ALL.stream().anyMatch(entry -> entry.call == call && entry.covers(facts));
  }

  private boolean covers(ClassFacts facts) {
    if (place.endsWith(".")) {
      return facts.name().startsWith(place);
    }
    return (facts.packageName() + "." + facts.topLevelName()).equals(place);
  }
}
