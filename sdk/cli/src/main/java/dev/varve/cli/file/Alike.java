package dev.varve.cli.file;

import dev.varve.cli.CommandFailure;
import dev.varve.cli.ExitCode;
import dev.varve.store.LayerShape;

/** What kinds of file need that have one shape for everything. */
final class Alike {
  private Alike() {}

  /** The shape of all layers; refused where they differ or keys are not as wide as values. */
  static LayerShape layers(KvDescription description, String kind) {
    LayerShape first = description.shape().layers().getFirst();
    boolean alike =
        description.shape().layers().stream()
            .allMatch(layer ->
                layer.kvHeads() == first.kvHeads()
                    && layer.keyDim() == first.keyDim()
                    && layer.valueDim() == first.keyDim());
    if (!alike) {
      throw new CommandFailure(
          ExitCode.NO,
          "a file of kind %s has one shape for all keys and values, here they differ: use %s"
              .formatted(kind, SafetensorsKind.NAME));
    }
    return first;
  }
}
