package dev.varve.architecture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How long a source file may be; a line ends with a newline. */
final class FileSizes {
  static final int MAIN_MEDIAN = 110;
  static final int MAIN_LIMIT = 600;
  static final int TEST_LIMIT = 800;

  private FileSizes() {}

  /** One sentence for each file above its limit, and one if the median of the main files is. */
  static List<String> violations(House house) {
    List<String> found = new ArrayList<>();
    List<Integer> mainSizes = new ArrayList<>();
    for (Path file : house.sources()) {
      String name = house.relative(file);
      boolean main = name.contains("src/main/java/");
      int lines = lines(file);
      int limit = main ? MAIN_LIMIT : TEST_LIMIT;
      if (lines > limit) {
        found.add("%s has %d lines, above the limit of %d".formatted(name, lines, limit));
      }
      // Counting the package files would only flatter the median.
      if (main && !name.endsWith("/package-info.java")) {
        mainSizes.add(lines);
      }
    }
    double median = median(mainSizes);
    if (median > MAIN_MEDIAN) {
      found.add(
          "the median of %d main files is %.1f lines, above the limit of %d"
              .formatted(mainSizes.size(), median, MAIN_MEDIAN));
    }
    return found;
  }

  static double median(List<Integer> sizes) {
    if (sizes.isEmpty()) {
      return 0;
    }
    List<Integer> sorted = sizes.stream().sorted().toList();
    int upper = sorted.size() / 2;
    int lower = (sorted.size() - 1) / 2;
    return (sorted.get(lower) + sorted.get(upper)) / 2.0;
  }

  private static int lines(Path file) {
    try {
      int lines = 0;
      for (byte value : Files.readAllBytes(file)) {
        if (value == '\n') {
          lines++;
        }
      }
      return lines;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
