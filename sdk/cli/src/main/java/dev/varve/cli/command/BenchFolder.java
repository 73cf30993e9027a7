package dev.varve.cli.command;

import dev.varve.cli.run.Cleanup;
import dev.varve.cli.run.TemporaryFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Where a benchmark writes. */
final class BenchFolder {

  @Option(
      names = "--folder",
      paramLabel = "DIR",
      description = "Where to write, on the disk to measure (the system's temporary folder).")
  private Optional<Path> folder = Optional.empty();

  /** A new folder there, deleted at the end. */
  Path open(Cleanup cleanup) throws IOException {
    return cleanup
        .add(folder.isPresent() ? TemporaryFolder.in(folder.get()) : TemporaryFolder.create())
        .path();
  }
}
