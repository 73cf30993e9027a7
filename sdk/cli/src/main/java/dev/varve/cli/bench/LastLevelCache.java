package dev.varve.cli.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Size of the largest cache of the first processor, as Linux tells it. */
final class LastLevelCache {

  private static final Path CACHES = Path.of("/sys/devices/system/cpu/cpu0/cache");
  private static final Pattern SIZE = Pattern.compile("(\\d+)K\\s*");

  private LastLevelCache() {}

  /** Its bytes; empty where the system does not tell. */
  static OptionalLong bytes() throws IOException {
    if (!Files.isDirectory(CACHES)) {
      return OptionalLong.empty();
    }
    long largest = 0;
    try (DirectoryStream<Path> caches = Files.newDirectoryStream(CACHES, "index*")) {
      for (Path cache : caches) {
        Path file = cache.resolve("size");
        Matcher size = SIZE.matcher(Files.exists(file) ? Files.readString(file) : "");
        largest = size.matches() ? Math.max(largest, Long.parseLong(size.group(1)) << 10) : largest;
      }
    }
    return largest > 0 ? OptionalLong.of(largest) : OptionalLong.empty();
  }
}
