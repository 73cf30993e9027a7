package dev.varve.cli.calibrate;

import dev.varve.cli.CommandFailure;
import dev.varve.cli.ExitCode;
import dev.varve.cli.file.KvDescription;
import dev.varve.cli.pack.CodecTables;
import dev.varve.compression.calibrated.LayerTables;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Dtype;
import dev.varve.store.Fingerprint;
import dev.varve.store.ModelShape;
import java.nio.file.Path;
import java.util.List;

/**
 * Tables of codecs for one model.
 *
 * @param model names the weights, as the file they were made from did; empty where it did not
 * @param fingerprint of model, layer shapes and RoPE, 64 hexadecimal digits
 * @param tokens how many they were made from
 * @param layers tables of each layer
 * @param digest tells this calibration from others
 */
public record CodecCalibration(
    String model, String fingerprint, int tokens, List<LayerTables> layers, String digest) {

  public CodecCalibration {
    layers = List.copyOf(layers);
  }

  /** What tells the model of {@code of} from others, whatever its element type. */
  static String fingerprint(KvDescription of) {
    ModelShape shape = new ModelShape(of.shape().layers(), Dtype.F32);
    String name = of.model().isEmpty() ? "unknown" : of.model();
    return Fingerprint.of(name, shape, BlockGeometry.DEFAULT_TOKENS).digest().toString();
  }

  /**
   * The tables for keys and values of {@code of}. A file that does not say which model it is of is
   * taken at its shape.
   *
   * @param path this calibration's file
   * @param file names the keys and values
   * @throws CommandFailure if they are of another model
   */
  public CodecTables tables(Path path, String file, KvDescription of) {
    boolean known = !model.isEmpty() && !of.model().isEmpty();
    if (known && !model.equals(of.model())) {
      throw other(path, "the model " + model, file, "of " + of.model());
    }
    if (known && !fingerprint.equals(fingerprint(of))) {
      throw other(path, "fingerprint " + fingerprint, file, "of " + fingerprint(of));
    }
    int count = of.shape().layerCount();
    if (layers.size() != count) {
      throw other(path, layers.size() + " layers", file, "has " + count);
    }
    return new CodecTables(digest, layers);
  }

  private static CommandFailure other(Path path, String made, String file, String has) {
    return new CommandFailure(
        ExitCode.NO,
        "%s was calibrated for %s, %s is %s: calibrate on the model at hand"
            .formatted(path, made, file, has)
            .replace(" is has ", " has "));
  }
}
