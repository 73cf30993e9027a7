package dev.varve.cli.command;

import dev.varve.cli.calibrate.CalibrationFile;
import dev.varve.cli.file.KvDescription;
import dev.varve.cli.pack.CodecTables;
import dev.varve.cli.pack.Guard;
import dev.varve.cli.pack.LayerCodecs;
import dev.varve.cli.pack.PackOptions;
import dev.varve.cli.pack.PackRequest;
import dev.varve.cli.pack.Protection;
import dev.varve.compression.Encodings;
import dev.varve.store.kernel.Backends;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;
import picocli.CommandLine.Option;

/** How small keys and values are to be written. */
final class CodecMixin {

  @Option(
      names = "--codec",
      paramLabel = "PLAN",
      description = {
        "An encoding for all layers, then exceptions: kivi4, or 'kivi2;0,1,-1=int8', -1 for the"
            + " last layer (lossless).",
        "Encodings: raw, lossless, int8, fp8, kivi4, kivi2, gear4 and more, see docs/codecs.md."
      })
  private Optional<LayerCodecs> codec = Optional.empty();

  @Option(
      names = "--target-ratio",
      paramLabel = "R",
      description =
          "Choose an encoding for each layer so that the original file is at least R times as"
              + " large, with the least error.")
  private Optional<Double> targetRatio = Optional.empty();

  @Option(
      names = "--max-error",
      paramLabel = "E",
      description =
          "Choose the smallest encoding for each layer whose relative error of attention output is"
              + " at most E; of keys where the file holds no queries.")
  private Optional<Double> maxError = Optional.empty();

  @Option(
      names = "--keep-first",
      paramLabel = "N",
      defaultValue = "4",
      description = "Tokens at the front that stay exact, attention's sinks (${DEFAULT-VALUE}).")
  private int keepFirst;

  @Option(
      names = "--keep-newest",
      paramLabel = "N",
      defaultValue = "32",
      description = "Tokens at the end that stay exact (${DEFAULT-VALUE}).")
  private int keepNewest;

  @Option(
      names = "--protect-layers",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Layers at the front and as many at the end that get no encoding of fewer than 8 bits,"
              + " unless --codec names layers (${DEFAULT-VALUE}).")
  private int protectLayers;

  @Option(
      names = "--protect-codec",
      paramLabel = "ENCODING",
      defaultValue = "int8",
      description = "What protected layers are written in instead (${DEFAULT-VALUE}).")
  private String protectCodec = "int8";

  @Option(
      names = "--block",
      paramLabel = "N",
      defaultValue = "128",
      description = "Tokens of a block, a multiple of 32 up to 4096 (${DEFAULT-VALUE}).")
  private int block;

  @Option(
      names = "--sample",
      paramLabel = "N",
      defaultValue = "4096",
      description =
          "Tokens on which attention error is measured, the first block and the newest"
              + " (${DEFAULT-VALUE}).")
  private int sample;

  @Option(
      names = "--calibration",
      paramLabel = "FILE",
      description =
          "A file of varve calibrate codec, for kv4, kvquant3 and others that need tables (none).")
  private Optional<Path> calibration = Optional.empty();

  /**
   * Tables for keys and values of a file.
   *
   * @param file names it in errors
   */
  CodecTables tables(String file, KvDescription of) {
    if (calibration.isEmpty()) {
      return CodecTables.NONE;
    }
    return CalibrationFile.read(calibration.get()).tables(calibration.get(), file, of);
  }

  /** What the command line asks for. */
  PackRequest request() {
    if (codec.isPresent() && (targetRatio.isPresent() || maxError.isPresent())) {
      throw new IllegalArgumentException(
          "--codec says what to write, --target-ratio and --max-error have it searched: give one");
    }
    check("--target-ratio", targetRatio, 1);
    check("--max-error", maxError, 0);
    if (protectLayers < 0) {
      throw new IllegalArgumentException("--protect-layers must not be negative: " + protectLayers);
    }
    return new PackRequest(
        codec.orElseGet(() -> LayerCodecs.parse("lossless")),
        targetRatio.map(OptionalDouble::of).orElseGet(OptionalDouble::empty),
        maxError.map(OptionalDouble::of).orElseGet(OptionalDouble::empty),
        new Protection(protectLayers, Encodings.parse(protectCodec)));
  }

  private static void check(String option, Optional<Double> value, double least) {
    if (value.isPresent() && !(value.get() >= least && value.get() < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "%s must be a number of at least %s: %s".formatted(option, (int) least, value.get()));
    }
  }

  /** The settings besides the plan. */
  PackOptions options(int threads, CodecTables tables) {
    return new PackOptions(
        block,
        new Guard(keepFirst, keepNewest),
        threads,
        sample,
        Backends.choose(Optional.empty()).backend(),
        tables);
  }
}
