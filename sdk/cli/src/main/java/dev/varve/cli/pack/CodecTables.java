package dev.varve.cli.pack;

import dev.varve.cli.file.KvDescription;
import dev.varve.compression.Codecs;
import dev.varve.compression.Encodings;
import dev.varve.compression.calibrated.LayerTables;
import dev.varve.compression.calibrated.TableKind;
import dev.varve.store.Encoding;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Calibrated tables by layer.
 *
 * @param origin tells one calibration from another; empty if there is none
 * @param layers tables of each layer; none if there is no calibration
 */
public record CodecTables(String origin, List<LayerTables> layers) {

  /** No calibration. */
  public static final CodecTables NONE = new CodecTables("", List.of());

  public CodecTables {
    layers = List.copyOf(layers);
  }

  /** What was calibrated for {@code layer}. */
  LayerTables of(int layer) {
    return layer < layers.size() ? layers.get(layer) : LayerTables.NONE;
  }

  /** Why {@code encoding} cannot write {@code layer}, if it lacks a table or the RoPE. */
  Optional<String> lacking(Encoding encoding, int layer, KvDescription of) {
    if (Codecs.needsRope(encoding) && !of.complete()) {
      return Optional.of(
          "%s needs to know how RoPE turned the keys, which this file does not say: a file of varve"
                  .formatted(Encodings.name(encoding))
              + " capture does");
    }
    Set<TableKind> missing = EnumSet.noneOf(TableKind.class);
    missing.addAll(Codecs.tables(encoding));
    missing.removeAll(of(layer).kinds());
    if (missing.isEmpty()) {
      return Optional.empty();
    }
    String name = missing.iterator().next().text();
    return Optional.of(
        layers.isEmpty()
            ? "%s needs tables of the model: varve calibrate codec makes them, --calibration names"
                    .formatted(Encodings.name(encoding))
                + " their file"
            : "%s needs the table %s of layer %d, which the calibration does not have"
                .formatted(Encodings.name(encoding), name, layer));
  }
}
