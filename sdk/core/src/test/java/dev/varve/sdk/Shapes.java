package dev.varve.sdk;

import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import dev.varve.store.RopeSpec;
import java.util.List;
import java.util.OptionalInt;

/** Models that tests run. */
final class Shapes {

  static final RopeSpec ROPE = RopeSpec.of(16, 10_000, RopeSpec.Pairing.HALVES);

  /** Three alike layers of grouped heads. */
  static final ModelShape PLAIN =
      ModelShape.uniform(3, LayerShape.grouped(4, 2, 16, ROPE), Dtype.F16);

  /** Layers that differ in everything a layer may differ in. */
  static final ModelShape MIXED =
      new ModelShape(
          List.of(
              LayerShape.grouped(4, 2, 16, ROPE),
              new LayerShape(6, 3, 24, 8, 0.3f, 5f, ROPE, 0, false, OptionalInt.empty()),
              new LayerShape(4, 2, 16, 16, 0.25f, 0f, ROPE, 40, false, OptionalInt.empty()),
              new LayerShape(8, 1, 32, 24, 0.2f, 0f, ROPE, 0, true, OptionalInt.empty()),
              new LayerShape(4, 2, 16, 16, 0.25f, 0f, ROPE, 0, false, OptionalInt.of(0))),
          Dtype.F16);

  private Shapes() {}
}
