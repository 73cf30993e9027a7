package dev.varve.cli.pack;

import dev.varve.compression.Codecs;
import dev.varve.store.Encoding;
import dev.varve.store.ModelShape;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** Which layers are predicted from which. */
final class Dependences {
  private Dependences() {}

  /** Whether any layer of {@code plan} is predicted from another. */
  static boolean any(List<Encoding> plan) {
    return plan.stream().anyMatch(Codecs::dependent);
  }

  /** The layer that {@code layer} is predicted from, where it is: the one before with blocks. */
  static OptionalInt before(ModelShape shape, int layer) {
    for (int earlier = layer - 1; earlier >= 0; earlier--) {
      if (shape.owns(earlier)) {
        return OptionalInt.of(earlier);
      }
    }
    return OptionalInt.empty();
  }

  /** Whether a layer of {@code plan} is predicted from {@code layer}. */
  static boolean follows(List<Encoding> plan, ModelShape shape, int layer) {
    for (int later = layer + 1; later < plan.size(); later++) {
      if (shape.owns(later)) {
        return Codecs.dependent(plan.get(later));
      }
    }
    return false;
  }

  /** {@code plan} with what stands in for predictions where there is no layer before. */
  static List<Encoding> grounded(List<Encoding> plan, ModelShape shape) {
    List<Encoding> grounded = new ArrayList<>(plan);
    for (int layer = 0; layer < plan.size(); layer++) {
      if (Codecs.dependent(plan.get(layer)) && before(shape, layer).isEmpty()) {
        grounded.set(layer, Codecs.independent(plan.get(layer)));
      }
    }
    return grounded;
  }
}
