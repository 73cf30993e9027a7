package dev.varve.cli.command;

import dev.varve.cli.CommandFailure;
import dev.varve.cli.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Which files are read and where what is made of them goes.
 *
 * @param pairs in the order of their names
 * @param folder whether a folder was named
 */
record FilePairs(List<Pair> pairs, boolean folder) {

  private static final String PARTIAL = ".partial";

  /** A file and what is made of it. */
  record Pair(Path source, Path target) {}

  /**
   * The files of {@code input}: itself, or all below it, to the same relative names under {@code
   * output}.
   *
   * @param rename makes the name of a target from that of its source
   */
  static FilePairs of(Path input, Optional<Path> output, UnaryOperator<String> rename)
      throws IOException {
    if (!Files.exists(input)) {
      throw new NoSuchFileException(input.toString());
    }
    if (!Files.isDirectory(input)) {
      Path beside = input.resolveSibling(rename.apply(String.valueOf(input.getFileName())));
      Path target = output.orElse(beside);
      if (Files.isDirectory(target)) {
        target = target.resolve(String.valueOf(beside.getFileName()));
      }
      return new FilePairs(List.of(new Pair(input, target)), false);
    }
    Path folder =
        output.orElseThrow(() ->
            new CommandFailure(
                ExitCode.USAGE, input + " is a folder: name the folder to write to as well"));
    if (Files.isRegularFile(folder)) {
      throw new CommandFailure(ExitCode.USAGE, folder + ": is a file, a folder is needed");
    }
    if (Files.exists(folder) && Files.isSameFile(input, folder)) {
      throw new CommandFailure(
          ExitCode.USAGE, folder + ": is the input itself: name another folder to write to");
    }
    boolean inside = absolute(folder).startsWith(absolute(input));
    List<Pair> pairs =
        below(input).stream()
            .filter(file -> !inside || !absolute(file).startsWith(absolute(folder)))
            .map(file -> new Pair(file, target(input, folder, file, rename)))
            .toList();
    return new FilePairs(pairs, true);
  }

  /** All files below a folder by name, but for those that are still being written. */
  static List<Path> below(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> !String.valueOf(file.getFileName()).contains(PARTIAL))
          .sorted()
          .toList();
    }
  }

  private static Path absolute(Path path) {
    return path.toAbsolutePath().normalize();
  }

  private static Path target(Path input, Path folder, Path file, UnaryOperator<String> rename) {
    Path relative = input.relativize(file);
    return folder.resolve(
        relative.resolveSibling(rename.apply(String.valueOf(relative.getFileName()))));
  }
}
