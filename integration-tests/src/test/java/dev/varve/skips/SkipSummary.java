package dev.varve.skips;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.architecture.House;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
    Choice choice =
        Choice.parse(
            System.getProperty("varve.tests.included", ""),
            System.getProperty("varve.tests.excluded", ""));
    Summary summary =
        new Summary(
            classes.tests(),
            skipped.stream().filter(test -> classes.holds(test.className())).toList(),
            choice,
            "true".equals(System.getenv("CI")));

    System.out.println(
        "Tests that this build chose by tag"
            + (choice.included().isEmpty() ? ":" : ", no others but " + choice.included() + ":"));
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
}
