package dev.varve.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class EngineSizeTest {

  private static final Path SOURCES =
      Path.of(System.getProperty("varve.root", ""), "sdk/engine/src/main/java/dev/varve/engine");

  @Test
  void theExampleToCopyStaysUnderAThousandLinesOfCode() throws IOException {
    List<Path> files;
    try (Stream<Path> listed = Files.list(SOURCES)) {
      files = listed.filter(file -> file.toString().endsWith(".java")).toList();
    }
    assertThat(files).isNotEmpty();
    long code = 0;
    for (Path file : files) {
      try (Stream<String> lines = Files.lines(file)) {
        code += lines.map(String::strip).filter(EngineSizeTest::isCode).count();
      }
    }
    assertThat(code).isPositive().isLessThan(1000);
  }

  private static boolean isCode(String line) {
    return !line.isEmpty()
        && !line.startsWith("import ")
        && !line.startsWith("package ")
        && !line.startsWith("*")
        && !line.startsWith("/*")
        && !line.startsWith("//");
  }
}
