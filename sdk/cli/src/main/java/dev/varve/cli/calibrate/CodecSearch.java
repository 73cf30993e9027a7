package dev.varve.cli.calibrate;

import dev.varve.cli.CommandFailure;
import dev.varve.cli.ExitCode;
import dev.varve.cli.file.Extent;
import dev.varve.cli.file.KvDescription;
import dev.varve.cli.file.KvSource;
import dev.varve.cli.file.QueryPlace;
import dev.varve.cli.file.Rows;
import dev.varve.compression.Section;
import dev.varve.compression.calibrated.CalibrationSettings;
import dev.varve.compression.calibrated.LayerCalibration;
import dev.varve.compression.calibrated.LayerTables;
import dev.varve.compression.calibrated.TableKind;
import dev.varve.compression.predicted.PredictorTraining;
import dev.varve.store.LayerShape;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeKernel;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntConsumer;

/**
 * Calibrates codecs on keys and values of a file. Holds the floats of two layers at a time.
 *
 * @param first tokens at the front that are left out: sinks, which codecs keep exactly
 * @param tokens most tokens to look at, from there on
 * @param settings how tables are made
 */
public record CodecSearch(int first, int tokens, CalibrationSettings settings) {
  private static final Set<TableKind> WITHOUT_ROPE =
      EnumSet.of(
          TableKind.KEY_FACTORS,
          TableKind.VALUE_LEVELS_2,
          TableKind.VALUE_LEVELS_3,
          TableKind.VALUE_LEVELS_4);

  public CodecSearch {
    if (first < 0 || tokens < 1) {
      throw new IllegalArgumentException(
          "--tokens must be at least 1, --keep-first at least 0: %d and %d"
              .formatted(tokens, first));
    }
  }

  /** Tokens that are looked at in a file of {@code held}. */
  int used(int held) {
    return Math.min(tokens, held - first);
  }

  /**
   * Calibrates.
   *
   * @param file names the source in errors
   * @param progress hears how many layers are done
   */
  public CodecCalibration run(KvSource source, String file, IntConsumer progress)
      throws IOException {
    KvDescription of = source.description();
    int used = used(of.tokens());
    if (used < 1) {
      throw new CommandFailure(
          ExitCode.NO,
          "%s: holds %d tokens, the first %d are left out: there is nothing to calibrate on"
              .formatted(file, of.tokens(), first));
    }
    List<LayerTables> layers = new ArrayList<>();
    PredictorTraining predictors = new PredictorTraining(used);
    for (int layer = 0; layer < of.shape().layerCount(); layer++) {
      try {
        layers.add(
            of.shape().owns(layer) ? layer(source, layer, used, predictors) : LayerTables.NONE);
      } catch (IllegalArgumentException e) {
        throw new CommandFailure(
            ExitCode.NO, "%s: layer %d: %s".formatted(file, layer, e.getMessage()), e);
      }
      progress.accept(layer + 1);
    }
    return new CodecCalibration(of.model(), CodecCalibration.fingerprint(of), used, layers, "");
  }

  private LayerTables layer(KvSource source, int layer, int used, PredictorTraining predictors)
      throws IOException {
    LayerShape shape = source.description().shape().layers().get(layer);
    LayerCalibration calibration = new LayerCalibration(shape, settings);
    float[] weights =
        source.layout().queries().stream()
            .filter(place -> place.layer() == layer && place.count() > 0)
            .findFirst()
            .map(place -> calibration.sensitivities(queries(source, place), place.count()))
            .orElseGet(calibration::alike);
    float[] keys = rows(source, layer, Section.KEYS, used);
    float[] values = rows(source, layer, Section.VALUES, used);
    LayerTables tables = calibration.calibrate(keys, values, used, first, weights);
    return source.description().complete()
        ? tables.with(predictors.next(shape, keys, values))
        : tables.only(WITHOUT_ROPE);
  }

  private static float[] queries(KvSource source, QueryPlace place) {
    int count = place.heads() * place.count() * place.dim();
    float[] values = new float[count];
    Extent extent = new Extent(place.offset(), (long) count * place.dtype().bytes());
    try {
      DtypeKernel.of(Backend.SCALAR, place.dtype())
          .load(source.opaque(extent), 0, values, 0, count);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return values;
  }

  private float[] rows(KvSource source, int layer, Section section, int used) throws IOException {
    KvDescription of = source.description();
    int heads = of.shape().layers().get(layer).kvHeads();
    int dim = of.dim(layer, section);
    int bytes = of.shape().dtype().bytes();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate((long) used * of.tokenBytes(layer, section), 64);
      long stride = (long) used * dim * bytes;
      source.read(layer, section, new Rows(first, used, heads, dim, bytes, memory, 0, stride));
      float[] values = new float[heads * used * dim];
      DtypeKernel.of(Backend.SCALAR, of.shape().dtype()).load(memory, 0, values, 0, values.length);
      return values;
    }
  }

  /** What was found about a layer. */
  public record Finding(
      int layer, float leastFactor, float mostFactor, Optional<Float> mostReach, int tables) {

    /** Findings of all layers. */
    public static List<Finding> of(CodecCalibration calibration) {
      List<Finding> findings = new ArrayList<>();
      for (LayerTables layer : calibration.layers()) {
        float[] factors = layer.find(TableKind.KEY_FACTORS).orElse(new float[] {1});
        float least = factors[0];
        float most = factors[0];
        for (float factor : factors) {
          least = Math.min(least, factor);
          most = Math.max(most, factor);
        }
        findings.add(
            new Finding(
                findings.size(),
                least,
                most,
                layer.find(TableKind.KEY_REACHES).map(Finding::largest),
                layer.kinds().size()));
      }
      return findings;
    }

    private static float largest(float[] numbers) {
      float largest = 0;
      for (float number : numbers) {
        largest = Math.max(largest, number);
      }
      return largest;
    }
  }
}
