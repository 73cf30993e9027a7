package dev.varve.cli.command;

import dev.varve.cli.CommandFailure;
import dev.varve.cli.Console;
import dev.varve.cli.ExitCode;
import dev.varve.cli.calibrate.CalibrationFile;
import dev.varve.cli.calibrate.CodecCalibration;
import dev.varve.cli.calibrate.CodecSearch;
import dev.varve.cli.file.ContainerSource;
import dev.varve.cli.file.KvSource;
import dev.varve.cli.run.Cleanup;
import dev.varve.cli.text.ProgressBar;
import dev.varve.cli.text.Table;
import dev.varve.compression.calibrated.CalibrationSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes the tables that some encodings need. */
@Command(
    name = "codec",
    description =
        "Looks at keys and values of a model, as varve capture writes them, and writes the tables"
            + " that kv4, kvquant3 and others need: varve compress --calibration FILE.")
final class CalibrateCodecCommand extends Task {
  private static final String NAME = "varve-codec.json";

  @Parameters(index = "0", paramLabel = "INPUT", description = "A file of keys and values.")
  private Path input = Path.of("");

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "The file to write (" + NAME + " beside the input).")
  private Optional<Path> out = Optional.empty();

  @Option(
      names = "--tokens",
      paramLabel = "N",
      defaultValue = "4096",
      description = "Most tokens to look at (${DEFAULT-VALUE}).")
  private int tokens;

  @Option(
      names = "--keep-first",
      paramLabel = "N",
      defaultValue = "4",
      description = "Tokens at the front to leave out, attention's sinks (${DEFAULT-VALUE}).")
  private int keepFirst;

  @Option(
      names = "--smoothing",
      paramLabel = "POWER",
      defaultValue = "0.5",
      description =
          "Keys are divided by the peak of their channel to this power, 0 to 1 (${DEFAULT-VALUE}).")
  private double smoothing;

  @Option(
      names = "--outliers",
      paramLabel = "SHARE",
      defaultValue = "0.01",
      description = "Share of keys to leave out of their channel's range (${DEFAULT-VALUE}).")
  private double outliers;

  @Option(names = "--force", description = "Replace the file if it exists.")
  private boolean force;

  @Mixin private KindMixin kind = new KindMixin();
  @Mixin private FormatOption format = new FormatOption();

  @Override
  protected ExitCode perform(Console console, Cleanup cleanup) throws IOException {
    CodecSearch search =
        new CodecSearch(keepFirst, tokens, new CalibrationSettings(smoothing, outliers));
    Path target = out.orElseGet(() -> input.resolveSibling(NAME));
    checkTarget(target, force);
    try (KvSource source = kind.open(input);
        ProgressBar bar = console.progress("codec", "layers")) {
      if (source instanceof ContainerSource) {
        throw new CommandFailure(
            ExitCode.NO, input + ": is a container: calibrate on the file that it was made from");
      }
      int layers = source.description().shape().layerCount();
      CodecCalibration found = search.run(source, input.toString(), done -> bar.show(done, layers));
      CalibrationFile.write(target, found, origin(source));
      if (!source.description().complete()) {
        console.note(
            input + ": does not say how RoPE turned the keys, so there are no tables for kvquant");
      }
      console.note("%s: from %,d tokens".formatted(target, found.tokens()));
      List<CodecSearch.Finding> findings = CodecSearch.Finding.of(found);
      format.print(console, findings, () -> render(findings, console.lines()));
    }
    return ExitCode.OK;
  }

  private Map<String, Object> origin(KvSource source) {
    Map<String, Object> origin = new LinkedHashMap<>();
    origin.put("source", String.valueOf(input.getFileName()));
    origin.put("holds", source.description().summary());
    origin.put("keep_first", keepFirst);
    origin.put("smoothing", smoothing);
    origin.put("outliers", outliers);
    return origin;
  }

  private static String render(List<CodecSearch.Finding> findings, boolean lines) {
    Table table = new Table("layer", "key factors", "largest reach", "tables");
    for (CodecSearch.Finding finding : findings) {
      table.row(
          Integer.toString(finding.layer()),
          "%s to %s".formatted(number(finding.leastFactor()), number(finding.mostFactor())),
          finding.mostReach().map(CalibrateCodecCommand::number).orElse("-"),
          Integer.toString(finding.tables()));
    }
    return "\n" + table.render(lines) + "\n";
  }

  private static String number(float value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }
}
