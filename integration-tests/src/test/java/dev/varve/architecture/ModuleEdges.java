package dev.varve.architecture;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Which module may name which: the arrows of the house, and the privacy of its internals. */
final class ModuleEdges {
  private static final String OURS = "dev.varve.";

  private ModuleEdges() {}

  /**
   * One sentence for each edge of {@code classes}, all of module {@code from}, that is not allowed.
   */
  static List<String> violations(Room from, List<ClassFacts> classes) {
    List<String> found = new ArrayList<>();
    for (ClassFacts facts : classes) {
      if (!from.holds(facts.name())) {
        found.add(
            "%s lies in module %s, whose classes belong below %s"
                .formatted(facts.name(), from.folder(), from.rootPackage()));
      }
      for (String type : facts.types()) {
        if (type.startsWith(OURS)) {
          check(from, facts.name(), type).ifPresent(found::add);
        }
      }
    }
    return found;
  }

  private static Optional<String> check(Room from, String user, String used) {
    Optional<Room> owner = Room.of(used);
    if (owner.isEmpty()) {
      return Optional.of("%s names %s, which lies in no module's package".formatted(user, used));
    }
    Room to = owner.get();
    if (!from.mayUse(to)) {
      return Optional.of(
          "%s names %s, but %s may not use %s".formatted(user, used, from.folder(), to.folder()));
    }
    if (from != to && isInternal(used)) {
      return Optional.of("%s names %s, which is internal to %s".formatted(user, used, to.folder()));
    }
    return Optional.empty();
  }

  private static boolean isInternal(String className) {
    return className.contains(".internal.");
  }
}
