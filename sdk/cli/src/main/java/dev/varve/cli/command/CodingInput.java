package dev.varve.cli.command;

import dev.varve.cli.CommandFailure;
import dev.varve.cli.Console;
import dev.varve.cli.ExitCode;
import dev.varve.cli.calibrate.CalibrationFile;
import dev.varve.cli.calibrate.CodecSearch;
import dev.varve.cli.capture.QueryWindow;
import dev.varve.cli.file.FileKinds;
import dev.varve.cli.file.KindOptions;
import dev.varve.cli.file.KvSource;
import dev.varve.cli.run.HotSize;
import dev.varve.compression.calibrated.CalibrationSettings;
import dev.varve.compression.calibrated.LayerTables;
import dev.varve.engine.LlamaModel;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Dtype;
import dev.varve.store.ModelGeometry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What encodings are measured on.
 *
 * @param kv keys and values
 * @param tables calibrated ones of each layer
 * @param calibrated where the tables come from, in a sentence
 */
record CodingInput(Path kv, List<LayerTables> tables, String calibrated) {
  private static final int TEXT_TOKENS = 4096;
  private static final int SINKS = 4;
  private static final QueryWindow QUERIES = new QueryWindow(64);

  /** A capture, with tables of a file, or else of its own second half. */
  static CodingInput captured(Path kv, Optional<Path> calibration) throws IOException {
    try (KvSource source = FileKinds.open(kv, Optional.empty(), KindOptions.NONE)) {
      if (calibration.isPresent()) {
        List<LayerTables> tables =
            CalibrationFile.read(calibration.get())
                .tables(calibration.get(), kv.toString(), source.description())
                .layers();
        return new CodingInput(kv, tables, "Tables were calibrated on other text.");
      }
      int first = source.description().tokens() / 2;
      CodecSearch search = new CodecSearch(first, TEXT_TOKENS, CalibrationSettings.STANDARD);
      return new CodingInput(
          kv,
          search.run(source, kv.toString(), _ -> {}).layers(),
          "Tables were calibrated on the tokens from %,d on, which output errors are measured on"
                  .formatted(first)
              + " too, losses are not.");
    }
  }

  /**
   * The first 4,096 tokens of a text, with tables of the last 4,096.
   *
   * @param folder receives the captures
   */
  static CodingInput text(LlamaModel model, String name, Path text, Path folder, Console console)
      throws IOException {
    int[] tokens = model.tokenizer().encode(Files.readString(text));
    if (tokens.length < 2 * TEXT_TOKENS || model.config().context() < TEXT_TOKENS) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "%s has %,d tokens and the model a context of %,d: --text needs %,d and %,d"
              .formatted(
                  text, tokens.length, model.config().context(), 2 * TEXT_TOKENS, TEXT_TOKENS));
    }
    Path kv = folder.resolve("front.safetensors");
    Path back = folder.resolve("back.safetensors");
    ModelGeometry geometry =
        ModelGeometry.of(model.modelShape(Dtype.F32), BlockGeometry.DEFAULT_TOKENS);
    long bytes = HotSize.of(geometry, TEXT_TOKENS);
    int from = tokens.length - TEXT_TOKENS;
    ModelCapture.write(
        model, name, Arrays.copyOf(tokens, TEXT_TOKENS), QUERIES, bytes, kv, console);
    ModelCapture.write(
        model,
        name,
        Arrays.copyOfRange(tokens, from, tokens.length),
        QUERIES,
        bytes,
        back,
        console);
    try (KvSource source = FileKinds.open(back, Optional.empty(), KindOptions.NONE)) {
      CodecSearch search = new CodecSearch(SINKS, TEXT_TOKENS, CalibrationSettings.STANDARD);
      return new CodingInput(
          kv,
          search.run(source, back.toString(), _ -> {}).layers(),
          "Tables were calibrated on the last %,d tokens of the same text.".formatted(TEXT_TOKENS));
    }
  }
}
