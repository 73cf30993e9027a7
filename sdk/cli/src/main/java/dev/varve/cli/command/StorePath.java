package dev.varve.cli.command;

import java.nio.file.Path;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which store, and how to print what was found. */
final class StorePath {

  @Parameters(paramLabel = "PATH", description = "The folder of the store.")
  private Path path = Path.of("");

  @Option(
      names = "--format",
      defaultValue = "table",
      description = "How to print the result: ${COMPLETION-CANDIDATES} (${DEFAULT-VALUE}).")
  private Format format = Format.TABLE;

  Path path() {
    return path;
  }

  boolean json() {
    return format == Format.JSON;
  }
}
