package dev.varve.eviction.head;

import dev.varve.store.Checks;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Which KV heads of a model keep everything, the others keep both ends: a property of the model,
 * not of the prompt.
 *
 * @param kvHeads KV heads of every layer
 * @param full for each layer the heads that keep everything, ascending
 */
public record HeadMap(int kvHeads, List<List<Integer>> full) {

  public HeadMap {
    Checks.positive(kvHeads, "kv_heads");
    Checks.positive(full.size(), "layers");
    full = full.stream().map(heads -> List.copyOf(new TreeSet<>(heads))).toList();
    for (int layer = 0; layer < full.size(); layer++) {
      for (int head : full.get(layer)) {
        if (head < 0 || head >= kvHeads) {
          throw new IllegalArgumentException(
              "layer %d names KV head %d, the model has heads 0 to %d"
                  .formatted(layer, head, kvHeads - 1));
        }
      }
    }
  }

  /** Number of layers. */
  public int layers() {
    return full.size();
  }

  /** Whether a head keeps everything. */
  public boolean isFull(int layer, int head) {
    return full.get(layer).contains(head);
  }

  /** Share of the heads that keep everything. */
  public double share() {
    long count = full.stream().mapToLong(List::size).sum();
    return (double) count / ((long) layers() * kvHeads);
  }

  /**
   * Returns {@code this} if it is the map of a model of that shape.
   *
   * @throws IllegalArgumentException names both shapes
   */
  public HeadMap require(int layers, int kvHeads) {
    unfit(layers, kvHeads)
        .ifPresent(reason -> {
          throw new IllegalArgumentException(reason);
        });
    return this;
  }

  /** Why this is not the map of a model of that shape; empty if it is. */
  public Optional<String> unfit(int layers, int kvHeads) {
    return layers == layers() && kvHeads == this.kvHeads
        ? Optional.empty()
        : Optional.of(
            ("the head map is for %d layers of %d KV heads, the model has %d layers of %d: find its"
                    + " heads with varve calibrate heads")
                .formatted(layers(), this.kvHeads, layers, kvHeads));
  }
}
