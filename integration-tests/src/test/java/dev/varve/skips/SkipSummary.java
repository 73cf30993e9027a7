package dev.varve.skips;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.architecture.House;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.xml.sax.SAXException;

/** Runs last in the build: prints what was left out, and fails if something may not be. */
class SkipSummary {
  private final TestClasses classes = new TestClasses();
  private final List<SkippedTest> skipped = new ArrayList<>();

  @Test
  void noTestIsSkippedInSilence() throws IOException, SAXException, ParserConfigurationException {
    for (Path module : House.ofThisBuild().modules()) {
      read(module.resolve("target"));
    }
    Summary summary =
        new Summary(
            classes.tests(),
            skipped.stream().filter(test -> classes.holds(test.className())).toList(),
            tags(System.getProperty("varve.tests.excluded", "")),
            "true".equals(System.getenv("CI")));

    Set<String> included = tags(System.getProperty("varve.tests.included", ""));
    System.out.println(
        "Tests left out of this build"
            + (included.isEmpty() ? ":" : ", which ran only those tagged " + included + ":"));
    summary.lines().forEach(line -> System.out.println("  " + line));

    assertThat(summary.tests()).as("tests found in the class files").isNotEmpty();
    assertThat(summary.faults()).isEmpty();
  }

  private void read(Path target) throws IOException, SAXException, ParserConfigurationException {
    Path compiled = target.resolve("test-classes");
    if (Files.isDirectory(compiled)) {
      classes.addAll(compiled);
    }
    skipped.addAll(Reports.skipped(target.resolve("surefire-reports")));
  }

  private static Set<String> tags(String list) {
    return Stream.of(list.split(","))
        .map(String::strip)
        .filter(tag -> !tag.isEmpty())
        .collect(Collectors.toSet());
  }
}
