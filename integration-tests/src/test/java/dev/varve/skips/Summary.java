package dev.varve.skips;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a build left out.
 *
 * @param tests all tests of the house
 * @param skipped those that ran and skipped themselves
 * @param choice which of the tests the build was told to run
 * @param serversMustRun whether a skipped {@code server} test is a fault
 */
record Summary(
    List<TaggedTest> tests, List<SkippedTest> skipped, Choice choice, boolean serversMustRun) {

  /** Lines for the end of a build: each tag with its reason, each skipped test with its own. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    for (Reason reason : Reason.values()) {
      List<TaggedTest> tagged =
          tests.stream().filter(test -> test.tags().contains(reason.tag())).toList();
      lines.add(
          "%s: chose %d of %d (%s)"
              .formatted(
                  reason.tag(),
                  tagged.stream().filter(choice::takes).count(),
                  tagged.size(),
                  reason.text()));
    }
    lines.add("skipped while running: %d".formatted(skipped.size()));
    for (SkippedTest test : skipped) {
      lines.add("  %s: %s".formatted(test, test.reason()));
    }
    return lines;
  }

  /** One sentence for each test that a build may not leave out in this way. */
  List<String> faults() {
    List<String> faults = new ArrayList<>();
    for (TaggedTest test : tests) {
      for (String tag : test.tags()) {
        if (Reason.of(tag).isEmpty()) {
          faults.add("%s bears the tag '%s', which is none of ours".formatted(test, tag));
        }
      }
    }
    for (String tag : choice.excluded()) {
      if (Reason.of(tag).isEmpty()) {
        faults.add("the build leaves out the tag '%s', which is none of ours".formatted(tag));
      }
    }
    skipped.forEach(test -> fault(test).ifPresent(faults::add));
    return faults;
  }

  private Optional<String> fault(SkippedTest test) {
    Set<String> tags = tagsOf(test);
    if (tags.isEmpty()) {
      return Optional.of(
          "%s was skipped (%s) but bears none of the tags that allow it"
              .formatted(test, test.reason()));
    }
    if (test.reason().isEmpty()) {
      return Optional.of("%s was skipped without a reason".formatted(test));
    }
    if (serversMustRun && tags.contains(Reason.SERVER.tag())) {
      return Optional.of(
          "%s was skipped (%s), but here its server must be installed"
              .formatted(test, test.reason()));
    }
    return Optional.empty();
  }

  /** The tags of the method; where only a class was skipped, of all its methods together. */
  private Set<String> tagsOf(SkippedTest skippedTest) {
    List<TaggedTest> ofClass =
        tests.stream().filter(test -> test.className().equals(skippedTest.className())).toList();
    List<TaggedTest> ofMethod =
        ofClass.stream().filter(test -> test.method().equals(skippedTest.method())).toList();
    Set<String> tags = new TreeSet<>();
    (ofMethod.isEmpty() ? ofClass : ofMethod).forEach(test -> tags.addAll(test.tags()));
    return tags;
  }
}
