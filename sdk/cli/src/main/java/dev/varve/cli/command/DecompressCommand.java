package dev.varve.cli.command;

import dev.varve.cli.CommandFailure;
import dev.varve.cli.Console;
import dev.varve.cli.ExitCode;
import dev.varve.cli.command.FilePairs.Pair;
import dev.varve.cli.file.ContainerSource;
import dev.varve.cli.file.FileKinds;
import dev.varve.cli.file.IndexRanges;
import dev.varve.cli.file.KindOptions;
import dev.varve.cli.file.KvSelection;
import dev.varve.cli.file.KvSink;
import dev.varve.cli.file.KvSource;
import dev.varve.cli.file.SelectedSource;
import dev.varve.cli.pack.Transfer;
import dev.varve.cli.pack.TransferReport;
import dev.varve.cli.run.Cleanup;
import dev.varve.cli.text.TransferBar;
import dev.varve.store.kernel.Backends;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Restores what was compressed. */
@Command(
    name = "decompress",
    description = {
      "Restores the files that .varve containers were made from: the same bytes where the encoding"
          + " is exact, else the same file with decoded keys and values.",
      "A folder is worked on file by file; what is complete already is skipped."
    })
final class DecompressCommand extends FileTask<TransferReport> {

  private static final String ENDING = ".varve";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "OUTPUT",
      description = "The file, or a folder (INPUT without .varve).")
  private Optional<Path> output = Optional.empty();

  @Option(
      names = "--to",
      paramLabel = "KIND",
      description = "Kind of the file: safetensors, npy, npz, lmcache-fs or lmcache (what it was).")
  private Optional<String> to = Optional.empty();

  @Option(
      names = "--layers",
      paramLabel = "RANGES",
      description = "Only these layers: 0,2..4,-1, -1 for the last (all).")
  private Optional<IndexRanges> layers = Optional.empty();

  @Option(
      names = "--heads",
      paramLabel = "RANGE",
      description = "Only these KV heads: 2 or 0..3 (all).")
  private Optional<IndexRanges> heads = Optional.empty();

  @Option(
      names = "--tokens",
      paramLabel = "RANGE",
      description = "Only these tokens: 128..255, or -32..-1 for the newest 32 (all).")
  private Optional<IndexRanges> tokens = Optional.empty();

  @Mixin private FormatOption format = new FormatOption();

  @Override
  protected ExitCode perform(Console console, Cleanup cleanup)
      throws IOException, InterruptedException {
    threads();
    to.ifPresent(FileKinds::check);
    if (!selection().whole() && output.isEmpty()) {
      throw misuse(
          "--layers, --heads and --tokens take a part of a file: name the file to write it to");
    }
    FilePairs files = FilePairs.of(input(), output, this::named);
    Outcome<TransferReport> outcome = workOn(files, console, cleanup);
    format.print(
        console, outcome, () -> TransferReport.table(outcome.files()).render(console.lines()));
    return outcome.exitCode();
  }

  private String named(String name) {
    String base =
        name.endsWith(ENDING) ? name.substring(0, name.length() - ENDING.length()) : name + ".out";
    return to.map(kind -> FileKinds.renamed(base, kind)).orElse(base);
  }

  @Override
  boolean takes(Path file) throws IOException {
    return FileKinds.isContainer(file);
  }

  @Override
  TransferReport work(Console console, Pair pair) throws IOException, InterruptedException {
    try (ContainerSource container = open(pair.source())) {
      KvSource source = selection().whole() ? container : part(container, pair.source());
      return restore(console, pair, container, source);
    }
  }

  private KvSelection selection() {
    return new KvSelection(layers, heads, tokens);
  }

  private KvSource part(ContainerSource container, Path path) {
    try {
      return new SelectedSource(container, selection());
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(ExitCode.USAGE, path + ": " + e.getMessage(), e);
    }
  }

  private TransferReport restore(
      Console console, Pair pair, ContainerSource container, KvSource source)
      throws IOException, InterruptedException {
    try (TransferBar bar = console.transfer(String.valueOf(pair.source().getFileName()));
        KvSink sink = sink(container, source, pair.target())) {
      long total = source.description().bytes();
      new Transfer(
              source,
              source.description().shape().dtype(),
              threads(),
              Backends.choose(Optional.empty()).backend())
          .run(sink, progress(bar, total));
      sink.commit();
      return report("written", pair, source);
    }
  }

  private KvSink sink(ContainerSource container, KvSource source, Path target) throws IOException {
    return to.isEmpty() && selection().whole() && container.origin().isPresent()
        ? KvSink.create(target, source.layout(), source.description(), source::opaque)
        : FileKinds.create(target, kind(target), source.description(), KindOptions.NONE);
  }

  /** The kind of a file that is not what the container was made from. */
  private String kind(Path target) {
    return to.or(() -> FileKinds.byEnding(target)).orElse(FileKinds.DEFAULT);
  }

  private static ContainerSource open(Path path) throws IOException {
    KvSource source = FileKinds.open(path, Optional.of(FileKinds.CONTAINER), KindOptions.NONE);
    return (ContainerSource) source;
  }

  private TransferReport report(String status, Pair pair, KvSource source) throws IOException {
    return new TransferReport(
        pair.source().toString(),
        pair.target().toString(),
        status,
        selection().whole() ? to.orElse(source.layout().kind()) : kind(pair.target()),
        source.description().tokens(),
        Files.size(pair.target()));
  }

  @Override
  Optional<TransferReport> finished(Pair pair) throws IOException {
    if (!newer(pair)) {
      return Optional.empty();
    }
    try (ContainerSource container = open(pair.source())) {
      KvSource source = selection().whole() ? container : part(container, pair.source());
      boolean original = to.isEmpty() && selection().whole();
      boolean made =
          original
              ? Files.size(pair.target()) == container.layout().fileBytes()
              : FileKinds.made(
                  pair.target(), kind(pair.target()), source.description(), KindOptions.NONE);
      return made ? Optional.of(report("skipped", pair, source)) : Optional.empty();
    } catch (CommandFailure e) {
      return Optional.empty();
    }
  }
}
