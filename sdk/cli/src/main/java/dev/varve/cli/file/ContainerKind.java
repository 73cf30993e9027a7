package dev.varve.cli.file;

import dev.varve.cli.CommandFailure;
import dev.varve.cli.ExitCode;
import dev.varve.compression.container.ContainerFile;
import dev.varve.compression.container.ContainerOpening;
import java.io.IOException;
import java.lang.foreign.Arena;

/** Our own container, {@code docs/formats/container.md}. */
final class ContainerKind implements FileKind {

  static final String NAME = "varve";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean recognises(ForeignFile file) {
    return file.startsWith(MAGIC);
  }

  private static final int[] MAGIC = {0x89, 'V', 'A', 'R', 'V', 'E', 0x0d, 0x0a};

  @Override
  public KvSource open(ForeignFile file, KindOptions options, Arena arena) throws IOException {
    arena.close();
    return switch (ContainerFile.open(file.path())) {
      case ContainerOpening.Refused(var fault) ->
          throw new CommandFailure(ExitCode.NO, fault.reason());
      case ContainerOpening.Opened(ContainerFile container) -> ContainerSource.of(container);
    };
  }

  @Override
  public NewFile plan(KvDescription description, KindOptions options) {
    throw new CommandFailure(
        ExitCode.USAGE, "a container is written by varve compress, with a choice of codec");
  }
}
