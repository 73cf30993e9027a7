package dev.varve.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileRulesTest {
  @TempDir Path root;
  private House house;

  @BeforeEach
  void openHouse() {
    house = new House(root);
  }

  @Test
  void acceptsFilesAtTheirLimits() {
    write("sdk/core/src/main/java/A.java", "\n".repeat(110));
    write("sdk/core/src/main/java/B.java", "\n".repeat(110));
    write("sdk/core/src/main/java/C.java", "\n".repeat(600));
    write("sdk/core/src/test/java/D.java", "\n".repeat(800));

    assertThat(FileSizes.violations(house)).isEmpty();
  }

  @Test
  void refusesALongMainFile() {
    write("a/src/main/java/A.java", "");
    write("a/src/main/java/B.java", "");
    write("a/src/main/java/C.java", "\n".repeat(601));

    assertThat(FileSizes.violations(house))
        .containsExactly("a/src/main/java/C.java has 601 lines, above the limit of 600");
  }

  @Test
  void refusesALongTestFile() {
    write("a/src/test/java/T.java", "\n".repeat(801));

    assertThat(FileSizes.violations(house))
        .containsExactly("a/src/test/java/T.java has 801 lines, above the limit of 800");
  }

  @Test
  void refusesALongMedianOverAllModules() {
    write("a/src/main/java/A.java", "\n".repeat(50));
    write("a/src/main/java/package-info.java", "\n".repeat(3));
    write("b/src/main/java/B.java", "\n".repeat(171));

    assertThat(FileSizes.violations(house))
        .containsExactly("the median of 2 main files is 110.5 lines, above the limit of 110");
  }

  @Test
  void leavesOutWhatTheBuildMade() {
    write("a/target/generated/src/main/java/A.java", "\n".repeat(5000));

    assertThat(FileSizes.violations(house)).isEmpty();
  }

  @Test
  void takesTheMedianOfOddAndEvenNumbers() {
    assertThat(FileSizes.median(List.of())).isZero();
    assertThat(FileSizes.median(List.of(9, 1, 5))).isEqualTo(5);
    assertThat(FileSizes.median(List.of(4, 1, 9, 5))).isEqualTo(4.5);
  }

  @Test
  void refusesAStrangerInTheTopFolder() {
    write("notes.txt", "");
    write("scripts/run", "");
    write("target/ignored", "");

    assertThat(TopLevel.violations(house))
        .contains(
            "notes.txt does not belong in the top folder",
            "scripts does not belong in the top folder",
            "LICENSE is missing in the top folder")
        .noneMatch(sentence -> sentence.startsWith("target"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "path = /HERE/checkout",
        "\"/HERE/x\"",
        "/HERE/",
        "file:///HERE/a",
        "first line\nsecond /HERE/a line",
      })
  void refusesAPathOfOneMachine(String text) {
    // Put together here, so that this file keeps the rule.
    for (String folder : List.of("work", "root", "home/somebody", "Users/somebody")) {
      write("docs/page.md", text.replace("HERE", folder));

      assertThat(ForeignWords.violations(house))
          .as(folder)
          .singleElement()
          .asString()
          .contains("docs/page.md:")
          .contains("holds a path of one machine: /" + folder + "/");
    }
  }

  @Test
  void namesTheLineOfAForeignWord() {
    write("docs/page.md", "one\ntwo\n see /%s/x".formatted("root"));

    assertThat(ForeignWords.violations(house))
        .singleElement()
        .asString()
        .startsWith("docs/page.md:3 ");
  }

  @Test
  void refusesTheHostOfARegistry() {
    write("pom.xml", "<url>https://%s.maven.apache.org/maven2</url>".formatted("repo"));
    write("docs/package.json", "https://registry.%s.org/left-pad".formatted("npmjs"));

    assertThat(ForeignWords.violations(house)).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://example.org/WORD/x",
        "docs/WORD/page",
        "${project}/WORD/classes",
        "~/WORD/x",
        "the /WORD folder",
        "/WORDs/",
      })
  void acceptsWhatOnlyResemblesAMachinePath(String text) {
    write("docs/page.md", text.replace("WORD", "work"));

    assertThat(ForeignWords.violations(house)).isEmpty();
  }

  @Test
  void refusesAModuleWithoutAPlaceInTheGraph() {
    write("kv-store/pom.xml", "");
    write("kv-store/src/main/java/A.java", "");
    write("attic/pom.xml", "");
    write("attic/src/main/java/A.java", "");
    write("integration-tests/pom.xml", "");

    assertThat(ModuleTable.violations(house)).containsExactly("module attic has no line in Room");
  }

  @Test
  void refusesToJudgeAModuleThatIsNotBuilt() {
    assertThatIllegalStateException()
        .isThrownBy(() -> house.classesOf(Room.OFFLOAD))
        .withMessageContaining("build module offload first");
  }

  @Test
  void refusesAPackageWithoutNullMarked() {
    List<ClassFacts> classes =
        new CompiledSources()
            .withEmpty("dev.varve.a.A")
            .withEmpty("dev.varve.b.B")
            .withEmpty("dev.varve.c.C")
            .withPackage("dev.varve.a", "@org.jspecify.annotations.NullMarked")
            .withPackage("dev.varve.c", "@Deprecated")
            .compile(root.resolve("classes"), "dev.varve");

    assertThat(NullMarkedPackages.violations(classes))
        .containsExactly(
            "package dev.varve.b has no package-info.java with @NullMarked",
            "package dev.varve.c has no package-info.java with @NullMarked");
  }

  private void write(String name, String text) {
    Path file = root.resolve(name);
    try {
      Files.createDirectories(file.resolveSibling(""));
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
