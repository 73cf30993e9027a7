package dev.varve.cli.command;

import dev.varve.cli.Console;
import dev.varve.cli.ExitCode;
import dev.varve.cli.file.AtomicFile;
import dev.varve.cli.file.ContainerSource;
import dev.varve.cli.file.KvSource;
import dev.varve.cli.pack.Inspection;
import dev.varve.cli.run.Cleanup;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Says what a file of keys and values holds. */
@Command(
    name = "inspect",
    description =
        "Says what a file of keys and values holds; of a .varve container also the bytes and the"
            + " error of each layer, as bars or as a page.")
final class InspectCommand extends Task {

  @Parameters(paramLabel = "FILE", description = "A file of any kind that is read.")
  private Path path = Path.of("");

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "Write a page with plots that needs nothing else.")
  private Optional<Path> html = Optional.empty();

  @Option(names = "--force", description = "Replace the page if it exists.")
  private boolean force;

  @Mixin private KindMixin kind = new KindMixin();
  @Mixin private FormatOption format = new FormatOption();

  @Override
  protected ExitCode perform(Console console, Cleanup cleanup) throws IOException {
    kind.options();
    if (html.isPresent()) {
      checkTarget(html.get(), force);
    }
    try (KvSource source = kind.open(path)) {
      Inspection found =
          source instanceof ContainerSource container
              ? Inspection.of(container, path.toString())
              : Inspection.of(source, path.toString());
      if (html.isPresent()) {
        write(html.get(), InspectPage.render(found));
      }
      format.print(console, found, () -> InspectTables.render(found, console.lines()));
    }
    return ExitCode.OK;
  }

  private static void write(Path page, String text) throws IOException {
    try (AtomicFile file = AtomicFile.create(page)) {
      file.write(0, MemorySegment.ofArray(text.getBytes(StandardCharsets.UTF_8)));
      file.commit();
    }
  }
}
