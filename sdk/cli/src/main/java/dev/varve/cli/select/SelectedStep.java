package dev.varve.cli.select;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one step reads in one layer.
 *
 * @param layer from 0
 * @param head KV head, or null if all heads read the same
 * @param step number of the stored query, from 0
 * @param positions ascending
 */
public record SelectedStep(int layer, @Nullable Integer head, int step, List<Integer> positions) {

  public SelectedStep {
    positions = List.copyOf(positions);
  }
}
