package dev.varve.cli.command;

import dev.varve.cli.CommandFailure;
import dev.varve.cli.Console;
import dev.varve.cli.ExitCode;
import dev.varve.cli.command.FilePairs.Pair;
import dev.varve.cli.file.ContainerSource;
import dev.varve.cli.file.FileKinds;
import dev.varve.cli.file.KindOptions;
import dev.varve.cli.file.KvSource;
import dev.varve.cli.file.Origin;
import dev.varve.cli.pack.CodecTables;
import dev.varve.cli.pack.Compression;
import dev.varve.cli.pack.LayerReport;
import dev.varve.cli.pack.LayerReports;
import dev.varve.cli.pack.PackOptions;
import dev.varve.cli.pack.PackReport;
import dev.varve.cli.pack.PackRequest;
import dev.varve.cli.pack.Packed;
import dev.varve.cli.run.Cleanup;
import dev.varve.cli.run.Stopped;
import dev.varve.cli.text.Numbers;
import dev.varve.cli.text.ProgressBar;
import dev.varve.cli.text.TransferBar;
import dev.varve.compression.container.Existing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Writes keys and values small. */
@Command(
    name = "compress",
    description = {
      "Writes files of keys and values as .varve containers: exactly, or in an encoding that"
          + " --codec, --target-ratio or --max-error choose.",
      "A folder is worked on file by file; what is complete already is skipped."
    })
final class CompressCommand extends FileTask<PackReport> {

  private static final String ENDING = ".varve";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "OUTPUT",
      description = "The container, or a folder (INPUT.varve).")
  private Optional<Path> output = Optional.empty();

  @Mixin private KindMixin kind = new KindMixin();
  @Mixin private CodecMixin codec = new CodecMixin();
  @Mixin private FormatOption format = new FormatOption();

  @Override
  protected ExitCode perform(Console console, Cleanup cleanup)
      throws IOException, InterruptedException {
    codec.request();
    codec.options(threads(), CodecTables.NONE);
    kind.options();
    FilePairs files = FilePairs.of(input(), output, name -> name + ENDING);
    Outcome<PackReport> outcome = workOn(files, console, cleanup);
    format.print(console, outcome, () -> PackTables.render(outcome.files(), console.lines()));
    return outcome.exitCode();
  }

  @Override
  boolean takes(Path file) throws IOException {
    return kind.takes(file);
  }

  @Override
  PackReport work(Console console, Pair pair) throws IOException, InterruptedException {
    try (KvSource source = kind.open(pair.source())) {
      if (source instanceof ContainerSource) {
        throw new CommandFailure(
            ExitCode.NO,
            pair.source() + ": is a container already; varve decompress restores what it was");
      }
      Packed packed = write(console, pair, source);
      if (packed.keptBlocks() > 0) {
        console.note(
            "%s: %s blocks were there from a run that was stopped"
                .formatted(pair.source(), Numbers.count(packed.keptBlocks())));
      }
      packed
          .begunAnew()
          .ifPresent(why ->
              console.note(
                  "%s: begun anew, what a stopped run left could not be used: %s"
                      .formatted(pair.source(), why)));
      warn(console, pair, packed.layers());
      return report("written", pair, source.description().tokens(), packed.layers());
    } catch (Stopped e) {
      console.note(String.valueOf(e.getMessage()));
      throw e;
    }
  }

  private Packed write(Console console, Pair pair, KvSource source)
      throws IOException, InterruptedException {
    String name = String.valueOf(pair.source().getFileName());
    long total = source.description().bytes();
    int layers = source.description().shape().layerCount();
    CodecTables tables = codec.tables(name, source.description());
    PackOptions options = codec.options(threads(), tables);
    PackRequest request = codec.request();
    try (ProgressBar search = console.progress(name + ": measure", "layers");
        TransferBar bar = console.transfer(name)) {
      return new Compression(
              source,
              options,
              request,
              new Origin(
                  name,
                  source.description().complete(),
                  asked(tables),
                  options.guard().first(),
                  options.guard().newest(),
                  source.layout()),
              progress(bar, total),
              progress(search, layers))
          .write(pair.target(), force() ? Existing.REPLACE : Existing.REFUSE);
    }
  }

  private static PackReport report(String status, Pair pair, int tokens, List<LayerReport> layers)
      throws IOException {
    long original = Files.size(pair.source());
    long stored = Files.size(pair.target());
    return new PackReport(
        pair.source().toString(),
        pair.target().toString(),
        status,
        tokens,
        original,
        stored,
        (double) original / stored,
        layers);
  }

  private void warn(Console console, Pair pair, List<LayerReport> layers) {
    int exact = layers.stream().mapToInt(LayerReport::exactBlocks).sum();
    if (exact > 0) {
      console.note(
          ("%s: %d blocks hold a NaN, an infinity or a number that is too large for their encoding"
                  + " and are written exactly")
              .formatted(pair.source(), exact));
    }
    PackRequest request = codec.request();
    boolean spared =
        !request.searched()
            && request.protection().layers() > 0
            && layers.stream()
                .anyMatch(layer -> !layer.codec().equals(layers.get(layers.size() / 2).codec()));
    if (spared && !request.codecs().namesLayers()) {
      console.note(
          "%s: first and last layers are written as %s; --protect-layers 0 spares none"
              .formatted(pair.source(), layers.getFirst().codec()));
    }
  }

  @Override
  Optional<PackReport> finished(Pair pair) throws IOException {
    if (!newer(pair)) {
      return Optional.empty();
    }
    try (KvSource found = FileKinds.open(pair.target(), Optional.empty(), KindOptions.NONE)) {
      if (!(found instanceof ContainerSource container) || !sameRequest(container, pair)) {
        return Optional.empty();
      }
      List<LayerReport> layers = LayerReports.of(container);
      return Optional.of(report("skipped", pair, found.description().tokens(), layers));
    } catch (CommandFailure e) {
      return Optional.empty();
    }
  }

  private String asked(CodecTables tables) {
    String text = codec.request().text();
    return tables.origin().isEmpty() ? text : text + "; calibration " + tables.origin();
  }

  private boolean sameRequest(ContainerSource container, Pair pair) throws IOException {
    CodecTables tables = codec.tables(String.valueOf(pair.source()), container.description());
    PackOptions options = codec.options(threads(), tables);
    Optional<Origin> origin = container.origin();
    return origin.isPresent()
        && origin.get().codec().equals(asked(tables))
        && origin.get().first() == options.guard().first()
        && origin.get().newest() == options.guard().newest()
        && origin.get().layout().fileBytes() == Files.size(pair.source())
        && container.span() == options.blockTokens();
  }
}
