package dev.varve.architecture;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What the top folder holds: the rooms, and beside them only the usual single files. */
final class TopLevel {
  private static final Set<String> REQUIRED =
      Set.of(
          "pom.xml",
          "kv-store",
          "eviction",
          "compression",
          "retrieval-attention",
          "offload",
          "sdk",
          "integration-tests",
          "docs",
          "varve",
          "CHANGELOG.md",
          "CONTRIBUTING.md",
          "LICENSE",
          ".ci",
          ".mvn");
  private static final Set<String> ALLOWED = Set.of("README.md", ".gitignore", ".gitattributes");

  private TopLevel() {}

  /** One sentence for each name that is missing or does not belong there. */
  static List<String> violations(House house) {
    List<String> names = house.topLevel();
    List<String> found = new ArrayList<>();
    names.stream()
        .filter(name -> !REQUIRED.contains(name) && !ALLOWED.contains(name))
        .map(name -> "%s does not belong in the top folder".formatted(name))
        .forEach(found::add);
    REQUIRED.stream()
        .filter(name -> !names.contains(name))
        .sorted()
        .map(name -> "%s is missing in the top folder".formatted(name))
        .forEach(found::add);
    return found;
  }
}
