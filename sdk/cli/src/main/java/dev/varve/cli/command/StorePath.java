package dev.varve.cli.command;

import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Which store, and how to print what was found. */
final class StorePath {

  @Parameters(paramLabel = "PATH", description = "The folder of the store.")
  private Path path = Path.of("");

  @Mixin private FormatOption format = new FormatOption();

  Path path() {
    return path;
  }

  boolean json() {
    return format.json();
  }
}
