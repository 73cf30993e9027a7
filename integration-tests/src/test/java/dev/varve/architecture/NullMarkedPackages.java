package dev.varve.architecture;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Every package says that its types are not null unless they say so. */
final class NullMarkedPackages {
  private static final String NULL_MARKED = "Lorg/jspecify/annotations/NullMarked;";

  private NullMarkedPackages() {}

  /** One sentence for each package without a {@code package-info} that bears the annotation. */
  static List<String> violations(List<ClassFacts> classes) {
    Set<String> marked =
        classes.stream()
            .filter(facts -> facts.topLevelName().equals("package-info"))
            .filter(facts -> facts.annotations().contains(NULL_MARKED))
            .map(ClassFacts::packageName)
            .collect(Collectors.toSet());
    Set<String> packages =
        classes.stream()
            .map(ClassFacts::packageName)
            .collect(Collectors.toCollection(TreeSet::new));
    return packages.stream()
        .filter(name -> !marked.contains(name))
        .map(name -> "package %s has no package-info.java with @NullMarked".formatted(name))
        .toList();
  }
}
