package dev.varve.cli.command;

import dev.varve.cli.CommandFailure;
import dev.varve.cli.Console;
import dev.varve.cli.ExitCode;
import dev.varve.cli.command.FilePairs.Pair;
import dev.varve.cli.file.FileKinds;
import dev.varve.cli.file.KindOptions;
import dev.varve.cli.file.KvDescription;
import dev.varve.cli.file.KvSink;
import dev.varve.cli.file.KvSource;
import dev.varve.cli.file.LlamaTarget;
import dev.varve.cli.pack.Transfer;
import dev.varve.cli.pack.TransferReport;
import dev.varve.cli.run.Cleanup;
import dev.varve.cli.text.TransferBar;
import dev.varve.llamacpp.gguf.GgufFile;
import dev.varve.llamacpp.gguf.ModelDimensions;
import dev.varve.store.Dtype;
import dev.varve.store.ModelShape;
import dev.varve.store.kernel.Backends;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes keys and values as another kind of file. */
@Command(
    name = "convert",
    description = {
      "Writes the keys and values of a file as another kind of file; nothing else goes with them.",
      "Containers are written by varve compress."
    })
final class ConvertCommand extends FileTask<TransferReport> {

  @Parameters(index = "1", paramLabel = "OUTPUT", description = "The file, or a folder.")
  private Path output = Path.of("");

  @Option(
      names = "--to",
      paramLabel = "KIND",
      description =
          "Kind of the output: safetensors, npy, npz, llama, lmcache-fs or lmcache (what its name"
              + " ends in).")
  private Optional<String> to = Optional.empty();

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      description = "Element type of the output, f32, f16 or bf16, rounded to (the input's).")
  private Optional<Dtype> dtype = Optional.empty();

  @Option(
      names = "--to-keys",
      paramLabel = "NAME",
      description = "Name of the tensors with keys in the output, {layer} for the layer.")
  private Optional<String> toKeys = Optional.empty();

  @Option(
      names = "--to-values",
      paramLabel = "NAME",
      description = "Name of the tensors with values in the output; goes with --to-keys.")
  private Optional<String> toValues = Optional.empty();

  @Option(
      names = "--gguf",
      paramLabel = "MODEL",
      description =
          "For llama: the model in which llama.cpp is to go on; needed unless the input is a file"
              + " of llama.cpp, or a container made of one.")
  private Optional<Path> gguf = Optional.empty();

  @Option(
      names = "--flash-attention",
      negatable = true,
      description =
          "For llama: for a context with flash attention, or without (as the input; without).")
  private Optional<Boolean> flashAttention = Optional.empty();

  @Mixin private KindMixin kind = new KindMixin();
  @Mixin private FormatOption format = new FormatOption();

  @Override
  protected ExitCode perform(Console console, Cleanup cleanup)
      throws IOException, InterruptedException {
    threads();
    kind.options();
    to.ifPresent(FileKinds::check);
    if (Files.isDirectory(input()) && to.isEmpty()) {
      throw misuse("a folder is converted: name the kind of its files with --to");
    }
    FilePairs files =
        FilePairs.of(
            input(),
            Optional.of(output),
            name -> to.map(of -> FileKinds.renamed(name, of)).orElse(name));
    Outcome<TransferReport> outcome = workOn(files, console, cleanup);
    format.print(
        console, outcome, () -> TransferReport.table(outcome.files()).render(console.lines()));
    return outcome.exitCode();
  }

  @Override
  boolean takes(Path file) throws IOException {
    return kind.takes(file);
  }

  @Override
  TransferReport work(Console console, Pair pair) throws IOException, InterruptedException {
    String target =
        to.or(() -> FileKinds.byEnding(pair.target()))
            .orElseThrow(() ->
                misuse(pair.target() + " ends in the name of no kind of file: name it with --to"));
    try (KvSource source = kind.open(pair.source())) {
      KvDescription of = source.description();
      Dtype type = dtype.orElse(of.shape().dtype());
      if (target.equals(FileKinds.LLAMA)) {
        LlamaTarget.Writing llama = llama(pair, source, type);
        transfer(console, pair, llama.source(), llama.sink(), type);
      } else {
        refuseLlamaOptions(target);
        KvSink sink = FileKinds.create(pair.target(), target, written(of), names());
        transfer(console, pair, source, sink, type);
      }
      if (type == Dtype.BF16 && target.startsWith("np")) {
        console.note(pair.target() + ": numpy has no bf16, its bits are written as uint16 (u2)");
      }
      return report("written", pair, target, of);
    }
  }

  private KvDescription written(KvDescription of) {
    Dtype type = dtype.orElse(of.shape().dtype());
    return new KvDescription(
        new ModelShape(of.shape().layers(), type), of.tokens(), of.complete(), of.model());
  }

  private KindOptions names() {
    return new KindOptions(toKeys, toValues, Optional.empty(), KindOptions.NONE.shape());
  }

  private static TransferReport report(String status, Pair pair, String kind, KvDescription of)
      throws IOException {
    return new TransferReport(
        pair.source().toString(),
        pair.target().toString(),
        status,
        kind,
        of.tokens(),
        Files.size(pair.target()));
  }

  private LlamaTarget.Writing llama(Pair pair, KvSource source, Dtype type) throws IOException {
    LlamaTarget llama =
        new LlamaTarget(gguf.map(path -> ModelDimensions.of(GgufFile.read(path))), flashAttention);
    try {
      return llama.begin(pair.target(), source, type);
    } catch (CommandFailure e) {
      throw new CommandFailure(e.exitCode(), pair.source() + ": " + e.getMessage(), e);
    }
  }

  private void refuseLlamaOptions(String target) {
    if (gguf.isPresent() || flashAttention.isPresent()) {
      throw misuse("--gguf and --flash-attention go with --to llama, and the output is " + target);
    }
  }

  private void transfer(Console console, Pair pair, KvSource from, KvSink into, Dtype type)
      throws IOException, InterruptedException {
    try (KvSink sink = into;
        TransferBar bar = console.transfer(String.valueOf(pair.source().getFileName()))) {
      new Transfer(from, type, threads(), Backends.choose(Optional.empty()).backend())
          .run(sink, progress(bar, from.description().bytes()));
      sink.commit();
    }
  }

  @Override
  Optional<TransferReport> finished(Pair pair) throws IOException {
    String target = to.orElseThrow();
    if (target.equals(FileKinds.LLAMA) || !newer(pair)) {
      return Optional.empty();
    }
    try (KvSource source = kind.open(pair.source())) {
      KvDescription of = source.description();
      return FileKinds.made(pair.target(), target, written(of), names())
          ? Optional.of(report("skipped", pair, target, of))
          : Optional.empty();
    }
  }
}
