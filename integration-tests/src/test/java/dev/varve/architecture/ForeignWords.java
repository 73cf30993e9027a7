package dev.varve.architecture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Words of one person's machine that no file of the repository may hold. */
enum ForeignWords {
  MACHINE_PATH(
      "a path of one machine",
      Pattern.compile("(?<![\\w.~})>\\]*-])/(?:work|root|home/\\w[\\w.-]*|Users/\\w[\\w.-]*)/")),
  REGISTRY_HOST(
      "the host of a package registry",
      Pattern.compile(
          "repo1?\\.maven\\.(?:apache\\.)?org|registry\\.npmjs|npmjs\\.(?:com|org)|files\\.pythonhosted"));

  private final String meaning;
  private final Pattern pattern;

  ForeignWords(String meaning, Pattern pattern) {
    this.meaning = meaning;
    this.pattern = pattern;
  }

  /** One sentence for each line of a text file that holds such a word. */
  static List<String> violations(House house) {
    List<String> found = new ArrayList<>();
    for (Path file : house.files()) {
      byte[] bytes = read(file);
      if (isText(bytes)) {
        find(house.relative(file), new String(bytes, StandardCharsets.UTF_8), found);
      }
    }
    return found;
  }

  private static void find(String name, String text, List<String> found) {
    for (ForeignWords word : values()) {
      Matcher matcher = word.pattern.matcher(text);
      while (matcher.find()) {
        long line = text.substring(0, matcher.start()).lines().count();
        found.add(
            "%s:%d holds %s: %s".formatted(name, Math.max(1, line), word.meaning, matcher.group()));
      }
    }
  }

  private static boolean isText(byte[] bytes) {
    for (byte value : bytes) {
      if (value == 0) {
        return false;
      }
    }
    return true;
  }

  private static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
