package dev.varve.cli.command;

import dev.varve.cli.Console;
import dev.varve.cli.ExitCode;
import dev.varve.cli.bench.BenchReport;
import dev.varve.cli.bench.CodecBench;
import dev.varve.cli.bench.CodecReport;
import dev.varve.cli.bench.CodingPage;
import dev.varve.cli.bench.CodingPlot;
import dev.varve.cli.bench.QuantBench;
import dev.varve.cli.run.Cleanup;
import dev.varve.cli.run.OpenModel;
import dev.varve.cli.run.TemporaryFolder;
import dev.varve.cli.text.ProgressBar;
import dev.varve.engine.LlamaModel;
import dev.varve.store.kernel.Backends;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The entropy coder and the lossless codec beside zstd. */
@Command(
    name = "codec",
    description =
        "Entropy coding and lossless compression on one thread, beside zstd -1 on the same bytes"
            + " (goals P1 to P3), and encodings on real keys and values beside CacheGen's settings"
            + " (goal P4).")
final class BenchCodecCommand extends Task {

  private static final int LEAST_PAIRS = 5;

  @Option(
      names = "--kv",
      paramLabel = "FILE",
      description = "A file of varve capture, for real keys and values (none).")
  private Optional<Path> kv = Optional.empty();

  @Option(
      names = "--pairs",
      paramLabel = "N",
      defaultValue = "9",
      description = "Pairs to measure, at least 5 (${DEFAULT-VALUE}).")
  private int pairs;

  @Option(
      names = "--model",
      paramLabel = "PATH",
      description = "The model of the capture, for the loss of the next token (none).")
  private Optional<String> model = Optional.empty();

  @Option(
      names = "--plot",
      paramLabel = "FILE",
      description = "Draws error against bits into an SVG file (none).")
  private Optional<Path> plot = Optional.empty();

  @Option(
      names = "--text",
      paramLabel = "FILE",
      description =
          "A text whose first 4,096 tokens --model turns into keys and values, in place of --kv,"
              + " and whose last 4,096 calibrate (none).")
  private Optional<Path> text = Optional.empty();

  @Option(
      names = "--calibration",
      paramLabel = "FILE",
      description =
          "A file of varve calibrate codec for encodings that need tables (made from the second"
              + " half of --kv).")
  private Optional<Path> calibration = Optional.empty();

  @Option(
      names = "--page",
      paramLabel = "FILE",
      description = "Writes what was found on encodings as Markdown, with two drawings beside it.")
  private Optional<Path> page = Optional.empty();

  @Option(
      names = "--ggml",
      paramLabel = "FILE",
      description =
          "Also measures integers of 8 and 4 bits beside ggml's rows (goal P5), in this library or"
              + " jar; see varve bench quant (none).")
  private Optional<Path> ggml = Optional.empty();

  @Option(names = "--codings-only", description = "Measure nothing but encodings on the capture.")
  private boolean codingsOnly;

  @Mixin private FormatOption format = new FormatOption();

  @Override
  protected ExitCode perform(Console console, Cleanup cleanup) throws IOException {
    if (pairs < LEAST_PAIRS) {
      throw misuse("--pairs must be at least " + LEAST_PAIRS + ": " + pairs);
    }
    boolean real = kv.isPresent() || text.isPresent();
    boolean askedFor =
        model.isPresent()
            || plot.isPresent()
            || page.isPresent()
            || calibration.isPresent()
            || codingsOnly;
    if (!real && askedFor) {
      throw misuse(
          "--model, --plot, --page, --calibration and --codings-only need the keys and values of"
              + " --kv, or --text");
    }
    if (text.isPresent() && (kv.isPresent() || calibration.isPresent() || model.isEmpty())) {
      throw misuse("--text goes with --model, and without --kv and --calibration");
    }
    if (page.isPresent() && model.isEmpty()) {
      throw misuse("--page needs --model, for the loss of the next token");
    }
    if (ggml.isPresent() && codingsOnly) {
      throw misuse("--ggml and --codings-only exclude each other");
    }
    Backends.Choice choice = Backends.choose(Optional.empty());
    CodecBench bench = new CodecBench(choice.backend(), pairs);
    if (ggml.isPresent()) {
      try (ProgressBar bar = console.progress("quant", "parts")) {
        bench.quantized(ggml.get(), done -> bar.show(done, QuantBench.STEPS));
      }
    }
    if (!codingsOnly) {
      try (ProgressBar bar = console.progress("codec", "parts")) {
        bench.synthetic(done -> bar.show(done, CodecBench.PARTS));
        if (kv.isPresent()) {
          bench.captured(kv.get(), done -> bar.show(done, CodecBench.PARTS));
        }
      }
    }
    if (real) {
      codings(bench, console, cleanup);
    }
    BenchReport rates = new BenchReport(title(choice), bench.rates(), RATE_NOTES);
    CodecReport report = new CodecReport(rates, bench.sizes(), bench.codings(), sizeNotes());
    format.print(console, report, () -> report.render(console.lines()));
    return ExitCode.OK;
  }

  private void codings(CodecBench bench, Console console, Cleanup cleanup) throws IOException {
    if (model.isEmpty()) {
      codings(
          bench, CodingInput.captured(kv.orElseThrow(), calibration), Optional.empty(), console);
    } else {
      try (LlamaModel opened = LlamaModel.open(OpenModel.locate(model.get(), cleanup))) {
        CodingInput input =
            text.isPresent()
                ? CodingInput.text(
                    opened,
                    model.get(),
                    text.get(),
                    cleanup.add(TemporaryFolder.create()).path(),
                    console)
                : CodingInput.captured(kv.orElseThrow(), calibration);
        codings(bench, input, Optional.of(opened), console);
      }
    }
    if (plot.isPresent()) {
      Files.writeString(plot.get(), CodingPlot.svg(bench.codings()));
    }
  }

  private void codings(
      CodecBench bench, CodingInput input, Optional<LlamaModel> opened, Console console)
      throws IOException {
    try (ProgressBar bar = console.progress("encodings", "encodings")) {
      bench.codings(input.kv(), opened, input.tables(), bar::show);
    }
    console.note(input.calibrated());
    if (page.isPresent()) {
      write(page.get(), bench, input);
    }
  }

  private void write(Path target, CodecBench bench, CodingInput input) throws IOException {
    String name = target.getFileName().toString().replaceFirst("\\.md$", "");
    String from =
        text.isPresent()
            ? "--text " + text.get().getFileName()
            : "--kv " + input.kv().getFileName();
    String data =
        "Keys and values of `%s` in fp16, blocks of 128 tokens, all of them encoded; the first"
                .formatted(model.orElseThrow())
            + " 4,096 tokens at most. "
            + input.calibrated();
    Files.writeString(
        target,
        CodingPage.markdown(
            "varve bench codec --model %s %s --codings-only --page %s"
                .formatted(model.orElseThrow(), from, target.getFileName()),
            data,
            bench.codings(),
            bench.sizes().stream().filter(size -> size.name().startsWith("bitstream at")).toList(),
            List.of(name + ".svg", name + "-loss.svg")));
    Files.writeString(target.resolveSibling(name + ".svg"), CodingPlot.svg(bench.codings()));
    Files.writeString(target.resolveSibling(name + "-loss.svg"), CodingPlot.loss(bench.codings()));
  }

  private String title(Backends.Choice choice) {
    return "Entropy coding of 2^20 symbols of one byte, and lossless bf16, one thread; %s; medians"
            .formatted(choice.reason())
        + " of %d pairs after a warm-up.".formatted(pairs);
  }

  private static final List<String> RATE_NOTES =
      List.of(
          "ours and probe: uncompressed bytes a second of processor time of the thread, in turns;"
              + " counting symbols and making tables is part of encoding. goals: P1, P2; beside"
              + " ggml P5, in f32 bytes.");

  private List<String> sizeNotes() {
    List<String> notes = new ArrayList<>();
    notes.add(
        "Goals: P1 beside zstd; P3 beside the entropy and beside one table; P4 beside CacheGen.");
    if (kv.isPresent() || text.isPresent()) {
      notes.add(
          "Encodings: blocks of 128 tokens in fp16; output error: relative, mean over the layers,"
              + " of the capture's queries; next token: nats on up to 1,024 tokens, where queries"
              + " read decoded blocks and their own exactly; encoded, decoded: fp16 a second of"
              + " processor time of one thread (goal P4: 1 GB/s decoded). CacheGen's symbols are"
              + " priced at their entropy.");
    }
    if (kv.isEmpty() && text.isEmpty()) {
      notes.add("Real keys and values were not measured: --kv names a file of varve capture.");
    }
    return notes;
  }
}
