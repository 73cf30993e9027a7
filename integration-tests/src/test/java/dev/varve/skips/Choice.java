package dev.varve.skips;

import java.util.Collections;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which tests a build was told to run.
 *
 * @param included tags of which a test must bear one, or none for every test
 * @param excluded tags of which a test may bear none
 */
record Choice(Set<String> included, Set<String> excluded) {
  /** Reads both from lists separated by commas, as Surefire takes them. */
  static Choice parse(String included, String excluded) {
    return new Choice(tags(included), tags(excluded));
  }

  boolean takes(TaggedTest test) {
    return (included.isEmpty() || !Collections.disjoint(included, test.tags()))
        && Collections.disjoint(excluded, test.tags());
  }

  private static Set<String> tags(String list) {
    return Stream.of(list.split(",", -1))
        .map(String::strip)
        .filter(tag -> !tag.isEmpty())
        .collect(Collectors.toSet());
  }
}
