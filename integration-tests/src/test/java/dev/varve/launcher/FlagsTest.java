package dev.varve.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.architecture.House;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** One list of JVM flags: the file that launcher and build read, and the page that explains it. */
class FlagsTest {
  private final Path root = House.ofThisBuild().root();

  @Test
  void theTestsRunWithTheFlagsOfTheLauncher() throws IOException {
    assertThat(ManagementFactory.getRuntimeMXBean().getInputArguments()).containsAll(flags());
  }

  @Test
  void thePageExplainsEachFlagAndNoOther() throws IOException {
    List<String> explained =
        Pattern.compile("^### `(-[^`]+)`$", Pattern.MULTILINE)
            .matcher(Files.readString(root.resolve("docs/flags.md")))
            .results()
            .map((MatchResult match) -> match.group(1))
            .toList();

    assertThat(explained).isNotEmpty().containsExactlyElementsOf(flags());
  }

  private List<String> flags() throws IOException {
    return Files.readAllLines(root.resolve(".mvn/varve.jvm")).stream()
        .filter(line -> !line.isBlank() && !line.startsWith("#"))
        .toList();
  }
}
