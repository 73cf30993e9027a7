package dev.varve.compression.container;

import dev.varve.store.Checks;
import dev.varve.store.Encoding;
import java.util.Collections;
import java.util.List;

/**
 * How the writer meant to encode each layer at each level. A block's own record decides what it is
 * written in.
 *
 * @param levels name of each level, the best first; at least one
 * @param encodings for each layer one encoding per level; empty if the writer had no plan
 */
public record EncodingPlan(List<String> levels, List<List<Encoding>> encodings) {

  /** Most levels. */
  public static final int MAX_LEVELS = 256;

  /** Most bytes of a level's name in UTF-8. */
  public static final int MAX_NAME_BYTES = 255;

  /** One level without a plan. */
  public static final EncodingPlan NONE = new EncodingPlan(List.of("default"), List.of());

  public EncodingPlan {
    levels = List.copyOf(levels);
    encodings = encodings.stream().map(List::copyOf).toList();
    Checks.inRange(levels.size(), 1, MAX_LEVELS, "levels");
    for (int layer = 0; layer < encodings.size(); layer++) {
      if (encodings.get(layer).size() != levels.size()) {
        throw new IllegalArgumentException(
            "layer %d has %d encodings, there are %d levels"
                .formatted(layer, encodings.get(layer).size(), levels.size()));
      }
    }
  }

  /** One level, {@code encoding} for all layers. */
  public static EncodingPlan uniform(int layers, Encoding encoding) {
    return new EncodingPlan(List.of("default"), Collections.nCopies(layers, List.of(encoding)));
  }

  /** One level with an encoding for each layer. */
  public static EncodingPlan perLayer(List<Encoding> encodings) {
    return new EncodingPlan(List.of("default"), encodings.stream().map(List::of).toList());
  }
}
