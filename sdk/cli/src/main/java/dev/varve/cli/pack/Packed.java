package dev.varve.cli.pack;

import java.util.List;

/**
 * What came of writing a container.
 *
 * @param layers by layer
 * @param keptBlocks blocks that were there from a run that was stopped
 */
public record Packed(List<LayerReport> layers, int keptBlocks) {

  public Packed {
    layers = List.copyOf(layers);
  }
}
