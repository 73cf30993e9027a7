package dev.varve.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.googlejavaformat.java.FormatterException;
import dev.varve.architecture.House;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every source has the layout of google-java-format. {@code -Dvarve.format=apply} makes it so
 * instead of complaining.
 */
class FormatTest {
  private static final boolean APPLY = "apply".equals(System.getProperty("varve.format"));
  private static final String REPAIR =
      "mvn test -pl integration-tests -am -Dtest=FormatTest"
          + " -Dsurefire.failIfNoSpecifiedTests=false -Dvarve.format=apply";

  private final SourceLayout layout = new SourceLayout();

  @TempDir Path folder;

  @Test
  void everySourceIsFormatted() throws IOException, FormatterException {
    House house = House.ofThisBuild();
    List<Path> sources = house.sources();
    assertThat(sources).isNotEmpty();

    List<Path> wrong = APPLY ? List.of() : layout.wrong(sources);
    if (APPLY) {
      layout.apply(sources);
    }

    assertThat(wrong.stream().map(house::relative))
        .as("files that are not formatted; repair them with: %s", REPAIR)
        .isEmpty();
  }

  @Test
  void reportsAndRepairsAWrongFileOnly() throws IOException, FormatterException {
    Path good = Files.writeString(folder.resolve("Good.java"), "class Good {}\n");
    Path bad =
        Files.writeString(folder.resolve("Bad.java"), "import java.util.List;\nclass Bad{ }");

    assertThat(layout.wrong(List.of(good, bad))).containsExactly(bad);
    assertThat(layout.apply(List.of(good, bad))).containsExactly(bad);

    assertThat(bad).hasContent("class Bad {}\n");
    assertThat(layout.wrong(List.of(good, bad))).isEmpty();
  }

  @Test
  void readsTheNewestSyntaxOfTheLanguage() throws IOException, FormatterException {
    String text =
        """
        class New {
          record Point(int x, int y) {}

          int sum(Object o) {
            return o instanceof Point(int x, var _) ? x : 0;
          }
        }
        """;
    Path file = Files.writeString(folder.resolve("New.java"), text);

    assertThat(layout.wrong(List.of(file))).isEmpty();
  }

  @Test
  void namesAFileThatDoesNotParse() throws IOException {
    Path file = Files.writeString(folder.resolve("Broken.java"), "class {");

    assertThatExceptionOfType(FormatterException.class)
        .isThrownBy(() -> layout.wrong(List.of(file)))
        .withMessageContaining("Broken.java");
  }
}
