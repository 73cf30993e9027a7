package dev.varve.cli.command;

import dev.varve.cli.capture.StoredRun;
import dev.varve.cli.file.AxisOrder;
import dev.varve.cli.file.FileKinds;
import dev.varve.cli.file.KindOptions;
import dev.varve.cli.file.KvSource;
import dev.varve.cli.file.ShapeHints;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What a caller knows of files that hold keys and values. */
final class KindMixin {

  @Option(
      names = "--from",
      paramLabel = "KIND",
      description =
          "Kind of the input: varve, safetensors, npy, npz, llama, lmcache-fs or lmcache (found"
              + " from its content).")
  private Optional<String> from = Optional.empty();

  @Option(
      names = "--keys",
      paramLabel = "NAME",
      description =
          "Name of the tensors with keys, {layer} for the number of the layer (the usual ones).")
  private Optional<String> keys = Optional.empty();

  @Option(
      names = "--values",
      paramLabel = "NAME",
      description = "Name of the tensors with values; goes with --keys.")
  private Optional<String> values = Optional.empty();

  @Option(
      names = "--axes",
      paramLabel = "ORDER",
      description =
          "Axes of a tensor, slowest first: b batch, l layer, k keys and values, h head, t token, d"
              + " element, c head and element in one. As bthd (bhtd, lkhtd in one array).")
  private Optional<AxisOrder> axes = Optional.empty();

  @Option(
      names = "--shape",
      paramLabel = "SHAPE",
      description =
          "What the file does not say: layers=N,heads=N,query_heads=N,dim=N,dtype=TYPE, any part of"
              + " it.")
  private ShapeHints shape = ShapeHints.NONE;

  /** What the options say. */
  KindOptions options() {
    return new KindOptions(keys, values, axes, shape);
  }

  /** Opens a file as a run of a model, read into {@code arena}. */
  StoredRun run(Path path, Arena arena) throws IOException {
    return StoredRun.open(path, from, options(), arena);
  }

  /** Opens a file. */
  KvSource open(Path path) throws IOException {
    return FileKinds.open(path, from, options());
  }

  /** Whether a file of a folder is one to work on. */
  boolean takes(Path path) throws IOException {
    return from.isPresent() || FileKinds.readable(path);
  }
}
