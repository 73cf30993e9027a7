package dev.varve.cli.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Times of others on the same device, which a script measured in the same run: lines of a name, a
 * tab and microseconds.
 */
public final class GpuPeers {
  /** No others. */
  public static final GpuPeers NONE = new GpuPeers(Map.of());

  private final Map<String, Double> times;

  private GpuPeers(Map<String, Double> times) {
    this.times = times;
  }

  /**
   * Reads the lines of {@code file}.
   *
   * @throws IllegalArgumentException if a line is no name, tab and positive number
   */
  public static GpuPeers read(Path file) throws IOException {
    Map<String, Double> times = new HashMap<>();
    for (String line : Files.readAllLines(file)) {
      int tab = line.indexOf('\t');
      double time = tab < 1 ? Double.NaN : number(line.substring(tab + 1));
      if (!(time > 0) || Double.isInfinite(time)) {
        throw new IllegalArgumentException(
            "a line of %s is not a name, a tab and microseconds: %s".formatted(file, line));
      }
      times.put(line.substring(0, tab), time);
    }
    return new GpuPeers(times);
  }

  private static double number(String text) {
    try {
      return Double.parseDouble(text.trim());
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  /** Microseconds of a name; empty if nobody measured that. */
  OptionalDouble of(String name) {
    Double time = times.get(name);
    return time == null ? OptionalDouble.empty() : OptionalDouble.of(time);
  }

  /** The finding beside the peer of that name, if there is one. */
  Finding beside(Finding finding, String who, String name) {
    OptionalDouble theirs = of(name);
    return theirs.isPresent() ? finding.beside(who, theirs.getAsDouble()) : finding;
  }
}
