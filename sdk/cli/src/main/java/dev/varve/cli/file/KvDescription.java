package dev.varve.cli.file;

import dev.varve.compression.Section;
import dev.varve.store.Checks;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;

/**
 * What a file holds.
 *
 * @param shape layers and element type; heads of queries, scale and RoPE are guesses unless {@code
 *     complete}
 * @param tokens tokens of the sequence
 * @param complete the file says how queries see the keys
 * @param model the model that computed them, as the file names it; empty where it does not
 */
public record KvDescription(ModelShape shape, int tokens, boolean complete, String model) {

  public KvDescription {
    Checks.notNegative(tokens, "tokens");
  }

  /** Elements of a row of {@code section}. */
  public int dim(int layer, Section section) {
    LayerShape of = shape.layers().get(layer);
    return section == Section.KEYS ? of.keyDim() : of.valueDim();
  }

  /** Bytes of one token of {@code section} in all heads. */
  public long tokenBytes(int layer, Section section) {
    int heads = shape.layers().get(layer).kvHeads();
    return (long) heads * dim(layer, section) * shape.dtype().bytes();
  }

  /** Bytes of all keys and values. */
  public long bytes() {
    long sum = 0;
    for (int layer = 0; layer < shape.layerCount(); layer++) {
      sum += tokens * (tokenBytes(layer, Section.KEYS) + tokenBytes(layer, Section.VALUES));
    }
    return sum;
  }

  /** One line. */
  public String summary() {
    LayerShape first = shape.layers().getFirst();
    boolean alike = shape.layers().stream().allMatch(first::equals);
    String dims =
        first.keyDim() == first.valueDim()
            ? Integer.toString(first.keyDim())
            : first.keyDim() + " and " + first.valueDim();
    return "%d layers%s, %d KV heads of %s elements, %s, %,d tokens"
        .formatted(
            shape.layerCount(),
            alike ? "" : " that differ, the first with",
            first.kvHeads(),
            dims,
            shape.dtype().name().toLowerCase(java.util.Locale.ROOT),
            tokens);
  }
}
